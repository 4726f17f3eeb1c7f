// A real PostgreSQL 15 of this test's own: a fresh data directory under the temporary directory,
// loopback only, TLS and client certificates from a CA made here by our own code. It runs as a user
// that is not root and is stopped, by its process id, when this object goes.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "postgres/sql/connection.h"
#include "postgres/tls/certificate.h"
#include "tests/integration/postgres/own_port.h"

namespace annals::postgres {

class PostgresServer;

// A copy of that server which follows it by streaming.
struct StandbyOf {
  const PostgresServer& source;
};

class PostgresServer {
 public:
  // Ready for connections, or the test program ends with the reason and the server's log.
  PostgresServer();
  explicit PostgresServer(const StandbyOf& wanted);
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  ~PostgresServer();

  // As the superuser "postgres", by client certificate.
  ConnectOptions as_superuser() const;
  // As somebody with a password.
  ConnectOptions as_user(std::string user, Secret password,
                         std::string database = "postgres") const;

  // The same for libpq, as text, with the superuser's certificate from files.
  std::string conninfo() const;
  // Where these files are: tls.crt, tls.key and ca.crt.
  std::string certificates() const { return (directory_ / "client").string(); }

  // Its data directory.
  std::string data() const { return (directory_ / "data").string(); }

  const KeyPair& ca() const { return ca_; }
  std::uint16_t port() const { return port_.number(); }
  // All that the server has logged, statements included.
  std::string log() const;
  // Stops and starts it again, from now on as a standby without a primary: in recovery for ever.
  void restart_as_standby();
  // Ends cleanly; restart_with() starts it again.
  void shut_down() { stop(); }
  // Stops and starts it again, with these lines in its configuration as well.
  void restart_with(const std::string& settings);

 private:
  void initialize();
  void copy(const PostgresServer& source);
  void write_certificates();
  void write_configuration();
  void start();
  void stop();

  std::filesystem::path directory_;
  OwnPort port_;
  KeyPair ca_;
  pid_t pid_ = -1;
};

}  // namespace annals::postgres
