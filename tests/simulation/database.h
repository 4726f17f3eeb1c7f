// Databases: what PostgreSQL of each cluster holds. It lives on the volumes: pods come and go, this
// stays until the cluster is deleted.
#pragma once

#include <map>
#include <set>
#include <string>

namespace annals::simulation {

struct Database {
  std::map<std::string, std::string> users;  // name to the material of the password it was set to
  std::set<std::string> databases;
  std::string mark;       // of the script that was run
  int init_sql_runs = 0;  // so often it was

  friend bool operator==(const Database&, const Database&) = default;
};

using Databases = std::map<std::string, Database>;  // by the UID of the custom resource

}  // namespace annals::simulation
