#include "tests/integration/postgres/postgres_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

namespace annals::postgres {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBinaries = "/usr/lib/postgresql/15/bin/";

[[noreturn]] void give_up(std::string_view why) {
  std::cerr << "no PostgreSQL to test with: " << why << "\n";
  ::_exit(EXIT_FAILURE);
}

struct Account {
  uid_t user;
  gid_t group;
};

// What the server runs under when the test runs as root, which PostgreSQL refuses.
std::optional<Account> account() {
  if (::geteuid() != 0) return std::nullopt;
  for (const char* name : {"postgres", "nobody"}) {
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 4096> texts{};
    ::getpwnam_r(name, &entry, texts.data(), texts.size(), &found);
    if (found != nullptr) return Account{entry.pw_uid, entry.pw_gid};
  }
  give_up("no account 'postgres' or 'nobody'");
}

void hand_over(const fs::path& path, mode_t mode) {
  const std::optional<Account> owner = account();
  if (owner && ::chown(path.c_str(), owner->user, owner->group) != 0) {
    give_up("chown " + path.string());
  }
  if (::chmod(path.c_str(), mode) != 0) give_up("chmod " + path.string());
}

void write_file(const fs::path& path, std::string_view content, mode_t mode = 0600) {
  std::ofstream(path) << content;
  hand_over(path, mode);
}

// A program of PostgreSQL with its output in a log file, under the server's account.
pid_t spawn(const std::string& program, std::vector<std::string> arguments, const fs::path& log) {
  const std::string path = concat(kBinaries, program);
  const std::optional<Account> as = account();
  arguments.insert(arguments.begin(), path);
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  if (as && (::setgroups(0, nullptr) != 0 || ::setgid(as->group) != 0 || ::setuid(as->user) != 0)) {
    ::_exit(126);
  }
  if (::chdir("/") == 0) ::execv(path.c_str(), argv.data());
  ::_exit(127);
}

bool answers(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const bool connected =
      ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  ::close(socket);
  return connected;
}

fs::path new_directory() {
  std::string pattern = (fs::temp_directory_path() / "annals-postgres-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) give_up("mkdtemp");
  return pattern;
}

Timestamp now() { return SystemClock().now(); }

}  // namespace

PostgresServer::PostgresServer()
    : directory_(new_directory()), ca_(make_root("test-ca", now()).value()) {
  if (!fs::exists(concat(kBinaries, "postgres"))) give_up("install the package postgresql");
  hand_over(directory_, 0700);
  initialize();
  write_configuration();
  start();
}

PostgresServer::PostgresServer(const StandbyOf& wanted)
    : directory_(new_directory()), ca_(wanted.source.ca_) {
  hand_over(directory_, 0700);
  write_certificates();
  copy(wanted.source);
  start();
}

PostgresServer::~PostgresServer() {
  stop();
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

void PostgresServer::initialize() {
  const fs::path data = directory_ / "data";
  const pid_t pid = spawn("initdb",
                          {"--pgdata=" + data.string(), "--username=postgres", "--auth=reject",
                           "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"},
                          directory_ / "initdb.log");
  int status = 0;
  if (::waitpid(pid, &status, 0) != pid || status != 0) give_up("initdb failed");
}

void PostgresServer::copy(const PostgresServer& source) {
  const fs::path data = directory_ / "data";
  const pid_t pid =
      spawn("pg_basebackup",
            {"--pgdata=" + data.string(), "--dbname=" + source.conninfo(), "--checkpoint=fast",
             "--wal-method=stream", "--write-recovery-conf", "--no-sync"},
            directory_ / "basebackup.log");
  int status = 0;
  if (::waitpid(pid, &status, 0) != pid || status != 0) give_up("pg_basebackup failed");
  std::ofstream(data / "postgresql.conf", std::ios::app)
      << "port = " << port_.number() << "\nwal_retrieve_retry_interval = 100ms\n";
}

// Of the superuser, for programs that read them.
void PostgresServer::write_certificates() {
  const LeafRequest names{.common_name = "postgres", .usage = Usage::kClient};
  const KeyPair client = make_leaf(ca_, names, now()).value();
  const fs::path folder = certificates();
  fs::create_directory(folder);
  hand_over(folder, 0700);
  write_file(folder / "tls.crt", client.certificate);
  write_file(folder / "tls.key", client.key.reveal());
  write_file(folder / "ca.crt", ca_.certificate);
}

std::string PostgresServer::conninfo() const {
  const std::string folder = certificates();
  return concat("host=localhost port=", port_.number(),
                " user=postgres sslmode=verify-ca sslcert=", folder, "/tls.crt sslkey=", folder,
                "/tls.key sslrootcert=", folder, "/ca.crt");
}

void PostgresServer::write_configuration() {
  write_certificates();
  const fs::path data = directory_ / "data";
  const LeafRequest names{.common_name = "localhost", .dns_names = {"localhost"}};
  const KeyPair server = make_leaf(ca_, names, now()).value();
  write_file(data / "server.crt", server.certificate);
  write_file(data / "server.key", server.key.reveal());
  write_file(data / "ca.crt", ca_.certificate);
  write_file(data / "pg_hba.conf",
             "hostssl all postgres all cert\n"
             "hostssl replication postgres all cert\n"
             "hostssl all all all scram-sha-256\n");
  write_file(
      data / "postgresql.conf",
      concat("listen_addresses = 'localhost'\nport = ", port_.number(),
             "\nunix_socket_directories = ''\nfsync = off\nssl = on\nssl_ca_file = 'ca.crt'\n"
             "log_statement = 'all'\nlog_min_duration_statement = 0\n"
             "log_error_verbosity = verbose\nlog_min_messages = debug1\n"
             "shared_preload_libraries = 'pg_stat_statements'\nmax_connections = 20\n"
             "shared_buffers = 16MB\n"));
}

void PostgresServer::start() {
  pid_ = spawn("postgres", {"-D", (directory_ / "data").string()}, directory_ / "server.log");
  constexpr int kAttempts = 600;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    // It listens before it is ready; the log tells when it is.
    if (answers(port_.number()) && log().contains("database system is ready to accept")) return;
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) break;
    ::poll(nullptr, 0, 50);  // its log is all there is to look at
  }
  give_up("it does not start: " + log());
}

void PostgresServer::stop() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGINT);  // fast: sessions are ended
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void PostgresServer::restart_as_standby() {
  stop();
  fs::remove(directory_ / "server.log");
  write_file(directory_ / "data" / "standby.signal", "");
  start();
}

void PostgresServer::restart_with(const std::string& settings) {
  stop();
  fs::remove(directory_ / "server.log");
  std::ofstream(directory_ / "data" / "postgresql.conf", std::ios::app) << settings;
  start();
}

ConnectOptions PostgresServer::as_superuser() const {
  const LeafRequest names{.common_name = "postgres", .usage = Usage::kClient};
  return {.host = "localhost",
          .port = port_.number(),
          .user = "postgres",
          .ca = ca_.certificate,
          .client = make_leaf(ca_, names, now()).value()};
}

ConnectOptions PostgresServer::as_user(std::string user, Secret password,
                                       std::string database) const {
  return {.host = "localhost",
          .port = port_.number(),
          .database = std::move(database),
          .user = std::move(user),
          .ca = ca_.certificate,
          .password = std::move(password)};
}

std::string PostgresServer::log() const {
  std::ifstream file(directory_ / "server.log");
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace annals::postgres
