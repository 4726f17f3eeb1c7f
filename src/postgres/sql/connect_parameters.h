// ConnectOptions in libpq's words: keywords with their values, and files for what it takes from
// files only. Private to this folder.
#pragma once

#include <libpq-fe.h>

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "postgres/sql/connection.h"
#include "postgres/tls/memory_file.h"

namespace annals::postgres {

// Whether the options describe one server that is reached over TLS. kInvalid.
Result<void> check(const ConnectOptions& options);

class ConnectParameters {
 public:
  // `addresses` as libpq's hostaddr takes them: separated by commas.
  static Result<ConnectParameters> of(const ConnectOptions& options, const std::string& addresses);

  // Begins a connection, which the caller owns. This object outlives its handshake.
  PGconn* start() const;

 private:
  void add(std::string keyword, std::string value) {
    parameters_.emplace_back(std::move(keyword), Secret(std::move(value)));
  }
  // The content goes to a file, the file's path to the parameter.
  Result<void> add_file(std::string keyword, std::string_view content);

  std::vector<std::pair<std::string, Secret>> parameters_;
  std::vector<MemoryFile> files_;
};

}  // namespace annals::postgres
