// Where in an object store a repository lies: by the specification, and by options of pgBackRest's
// section global, which come before it. Two clusters that write to one place destroy each other's
// backups.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "spec/repository.h"

namespace annals::fsm {

struct StorePlace {
  std::string repo{};    // "repo1"
  std::string kind{};    // "s3", "gcs" or "azure"
  std::string bucket{};  // or container
  std::string host{};    // the endpoint, in lower case; empty: the usual one of that kind
  std::string path{};    // "/pgbackrest/repo1"

  // One place, by whatever name a cluster calls its repository.
  bool is_that_of(const StorePlace& other) const;
};

using GlobalOptions = std::map<std::string, std::string>;

// Nothing for a repository on a volume.
std::optional<StorePlace> store_place(const spec::Repository& repo, const GlobalOptions& global);
std::vector<StorePlace> store_places(const std::vector<spec::Repository>& repos,
                                     const GlobalOptions& global);

// "s3 bucket backups at s3.example.com, path /pgbackrest/repo1".
std::string to_string(const StorePlace& place);

}  // namespace annals::fsm
