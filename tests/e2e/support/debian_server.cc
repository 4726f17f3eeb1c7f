// SPDX-License-Identifier: Apache-2.0
#include "support/debian_server.h"

#include <chrono>
#include <cstdlib>

#include "support/shell.h"

namespace annals::e2e {
namespace {

using namespace std::chrono_literals;

constexpr const char* kNamed = "15 annals-outside";
constexpr const char* kConfiguration = "/etc/postgresql/15/annals-outside";
constexpr const char* kData = "/var/lib/postgresql/15/annals-outside";
constexpr int kPort = 6543;

void control(const std::string& verb) {
  must(std::string("pg_ctlcluster --skip-systemctl-redirect ") + kNamed + " " + verb, 120s);
}

std::string quoted(const std::string& sql) {
  std::string text = "'";
  for (const char c : sql) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

void drop() { run(std::string("pg_dropcluster --stop ") + kNamed); }

}  // namespace

DebianServer::DebianServer() {
  drop();
  must(std::string("pg_createcluster --port ") + std::to_string(kPort) + " " + kNamed);
  must(std::string("pg_conftool ") + kNamed + " set listen_addresses '*'");
  control("start");
  sql("create role keeper login password '" + password_of_keeper() + "'", "postgres");
  sql("create database zoo owner keeper", "postgres");
  let_in("hostssl zoo keeper 0.0.0.0/0 scram-sha-256");
}

DebianServer::~DebianServer() { drop(); }

std::string DebianServer::address() { return host_address(); }

int DebianServer::port() { return kPort; }
std::string DebianServer::password_of_keeper() { return "lion:tamer"; }
std::string DebianServer::certificate_file() { return "/etc/ssl/certs/ssl-cert-snakeoil.pem"; }

std::string DebianServer::sql(const std::string& sql, const std::string& database) {
  return must("cd / && runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -p " +
                  std::to_string(kPort) + " -d " + database + " -c " + quoted(sql),
              300s);
}

void DebianServer::let_in(const std::string& line) {
  must("echo " + quoted(line) + " >>" + kConfiguration + "/pg_hba.conf");
  control("reload");
}

void DebianServer::restart() { control("restart"); }

std::string DebianServer::shut_down() {
  control("stop");
  return must(std::string("LC_ALL=C /usr/lib/postgresql/15/bin/pg_controldata ") + kData +
              " | awk -F': *' '/^Latest checkpoint location/ {at = $2} "
              "/^Latest checkpoint.s TimeLineID/ {print $2 \"/\" at}'");
}

}  // namespace annals::e2e
