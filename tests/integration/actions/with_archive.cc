#include "tests/integration/actions/with_archive.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "base/concat.h"

namespace annals::actions {
namespace {

std::string command_of_server(const std::string& command) {
  const char* const as = ::geteuid() == 0 ? "setpriv --reuid=postgres --regid=postgres "
                                            "--clear-groups sh -c '"
                                          : "sh -c '";
  std::string quoted = command;
  for (std::size_t at = 0; (at = quoted.find('\'', at)) != quoted.npos; at += 4)
    quoted.replace(at, 1, "'\\''");
  return concat(as, quoted, "'");
}

}  // namespace

WithArchive::WithArchive()
    : data_(ask("SHOW data_directory")),
      folder_((std::filesystem::path(data_).parent_path() / "backrest").string()) {
  as_server(concat("mkdir -p ", folder_, "/spool ", folder_, "/log ", folder_, "/lock ", folder_,
                   "/repo1 ", folder_, "/conf.d"));
  as_server(concat("echo 'local all postgres trust' >>", data_, "/pg_hba.conf"));
  configure("");
  as_server(pgbackrest("--no-online stanza-create"));
}

void WithArchive::configure(const std::string& more) const {
  as_server(concat("printf '[global]\\narchive-async=y\\nrepo1-path=", folder_,
                   "/repo1\\nspool-path=", folder_, "/spool\\nlog-path=", folder_,
                   "/log\\nlock-path=", folder_, "/lock\\n", more, "[db]\\npg1-path=", data_,
                   "\\npg1-user=postgres\\npg1-socket-path=", folder_,
                   "\\npg1-port=", server_.port(), "\\n' >", folder_, "/pgbackrest.conf"));
}

void WithArchive::archive() {
  server_.restart_with(concat("archive_mode = on\nunix_socket_directories = '", folder_,
                              "'\narchive_command = '", pgbackrest("archive-push \"%p\""), "'\n"));
}

std::string WithArchive::pgbackrest(const std::string& command) const {
  return concat("/usr/bin/pgbackrest --config=", folder_, "/pgbackrest.conf",
                " --config-include-path=", folder_, "/conf.d --stanza=db ", command);
}

void WithArchive::as_server(const std::string& command) const {
  // NOLINTNEXTLINE: a command of the test's own
  if (std::system(command_of_server(command).c_str()) != 0) throw std::runtime_error(command);
}

std::string WithArchive::output_of(const std::string& command) const {
  std::string output;
  FILE* pipe = ::popen(command_of_server(command).c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error(command);
  std::array<char, 4096> piece{};
  while (const std::size_t size = std::fread(piece.data(), 1, piece.size(), pipe))
    output.append(piece.data(), size);
  if (::pclose(pipe) != 0) throw std::runtime_error(command);
  return output;
}

std::string WithArchive::segment_ends() {
  const std::string segment = ask("SELECT pg_walfile_name(pg_current_wal_insert_lsn())");
  ask("SELECT pg_create_restore_point('a row')");
  ask("SELECT pg_switch_wal()");
  return segment;
}

bool WithArchive::becomes(const std::string& condition, std::chrono::seconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  do {
    if (ask(concat("SELECT ", condition, " FROM pg_stat_archiver")) == "t") return true;
    ::poll(nullptr, 0, 100);
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

void WithArchive::await(const std::string& condition) {
  ASSERT_TRUE(becomes(condition, std::chrono::seconds(60))) << condition << "\n" << server_.log();
}

}  // namespace annals::actions
