// A PostgreSQL server as Debian sets one up: of its own package, with its configuration in /etc and
// a certificate that it has signed itself. It runs on this computer, outside of Kubernetes; pods
// reach it by its address. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace annals::e2e {

class DebianServer {
 public:
  /// Of PostgreSQL 15; with the database zoo, which belongs to the user keeper.
  DebianServer();
  ~DebianServer();
  DebianServer(const DebianServer&) = delete;
  DebianServer& operator=(const DebianServer&) = delete;

  static std::string address();
  static int port();
  static std::string password_of_keeper();

  /// What its superuser sees.
  static std::string sql(const std::string& sql, const std::string& database = "zoo");
  /// Adds a line to its pg_hba.conf.
  static void let_in(const std::string& line);
  static void restart();
  /// Ends it as an administrator does; where its history ends, "1/0/5000028".
  static std::string shut_down();
  static std::string certificate_file();
};

}  // namespace annals::e2e
