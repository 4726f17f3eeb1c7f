// Credentials: turns a Config into what a connection needs now: a TLS context and a bearer token.
// Files are read again once a minute, because the kubelet and others rotate them in place.
// Belongs to the loop's thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "k8s/api_error.h"
#include "k8s/config.h"
#include "k8s/tls.h"

namespace annals::k8s {

struct Authorization {
  TlsContext tls;  // null for plain HTTP
  Secret bearer;   // empty without a token
  std::uint64_t generation =
      0;  // another one: connections made with the last TLS context are outdated
};

class Credentials {
 public:
  // `clock` outlives this.
  Credentials(boost::asio::any_io_executor executor, Config config, const Clock& clock);
  Credentials(const Credentials&) = delete;
  Credentials& operator=(const Credentials&) = delete;
  ~Credentials();

  const Config& config() const { return config_; }

  // What to use for the next request. Where a file cannot be read any more, what was read before
  // stays in use; an error only when nothing usable was ever there.
  boost::asio::awaitable<Answer<Authorization>> current();

  // The server said 401: read everything again at the next use. False when that cannot help,
  // because the token stands in the configuration itself.
  bool invalidate();

 private:
  Result<void> read_files();
  Result<void> rebuild_tls();

  boost::asio::any_io_executor executor_;
  Config config_;
  const Clock& clock_;
  std::optional<Duration> read_at_;
  TlsMaterial material_;
  Authorization current_;
};

}  // namespace annals::k8s
