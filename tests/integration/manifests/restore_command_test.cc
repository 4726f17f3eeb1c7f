// restore_command, run for real as PostgreSQL runs it, in a data directory of its own; a program
// that stands in for pgbackrest has every segment.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/concat.h"
#include "manifests/instance/parameters.h"
#include "tests/unit/manifests/clusters.h"

namespace annals::manifests {
namespace {

constexpr int kOfSegment = 16 << 20;

// PostgreSQL, pg_rewind and Patroni replace these alike.
std::string filled_in(const std::string& command, const std::string& segment) {
  std::string line;
  for (std::size_t i = 0; i < command.size(); ++i) {
    if (command[i] != '%') {
      line += command[i];
      continue;
    }
    const char what = command[++i];
    EXPECT_TRUE(what == 'f' || what == 'p' || what == '%') << what;
    line += what == 'f' ? segment : what == 'p' ? "pg_wal/RECOVERYXLOG" : "%";
  }
  return line;
}

class RestoreCommand : public testing::Test {
 protected:
  RestoreCommand() {
    std::string pattern = testing::TempDir() + "restore-command-XXXXXX";
    data_ = ::mkdtemp(pattern.data());
    std::filesystem::create_directories(data_ / "pg_wal");
    std::filesystem::create_directories(data_ / "bin");
    std::ofstream(data_ / "bin/pgbackrest")
        << "#!/bin/sh\n[ \"$1 $2\" = '--stanza=db archive-get' ] || exit 99\n"
        << "[ -z \"$missing\" ] || exit 1\ntruncate --size ${size:-" << kOfSegment << "} \"$4\"\n";
    std::filesystem::permissions(data_ / "bin/pgbackrest", std::filesystem::perms::owner_all);
    follow();
  }
  ~RestoreCommand() override { std::filesystem::remove_all(data_); }

  // A server that runs and follows another one.
  void follow() {
    std::ofstream(data_ / "standby.signal");
    std::ofstream(data_ / "postmaster.pid") << "42\n";
  }
  void know(const std::string& history, const std::string& lines) {
    std::ofstream(data_ / "pg_wal" / (history + ".history")) << lines;
  }

  // Whether the server has the file then; `before` is a part of a shell's line.
  bool restores(const std::string& file, const std::string& before = {}) {
    const std::filesystem::path restored = data_ / "pg_wal/RECOVERYXLOG";
    std::filesystem::remove(restored);
    std::ofstream(data_ / "command")
        << "cd " << data_.string() << "; export PATH=$PWD/bin:$PATH; " << before
        << filled_in(postgres_parameters(two_sets())["restore_command"].get<std::string>(), file);
    status_ = std::system(concat("sh ", (data_ / "command").string()).c_str());
    EXPECT_EQ(std::filesystem::exists(restored), status_ == 0);
    return status_ == 0;
  }

  std::filesystem::path data_;
  int status_ = 0;
};

constexpr const char* kForkIn7 =
    "1\t0/5000098\tno recovery target specified\n\n"
    "2\t0/705D918\tno recovery target specified\n";

TEST_F(RestoreCommand, RestoresWhatNobodyHasLeft) {
  EXPECT_TRUE(restores("000000020000000000000007"));
  EXPECT_TRUE(restores("00000003.history"));
  know("00000003", kForkIn7);
  EXPECT_TRUE(restores("000000020000000000000006"));
  EXPECT_TRUE(restores("000000030000000000000007"));
  EXPECT_TRUE(restores("000000010000000000000004"));
  EXPECT_TRUE(restores("00000004.history"));
  EXPECT_TRUE(restores("000000020000000000000007.00000028.backup"));
}

TEST_F(RestoreCommand, RefusesATimelineFromWhereTheNewestForks) {
  know("00000003", kForkIn7);
  EXPECT_FALSE(restores("000000020000000000000007"));
  EXPECT_FALSE(restores("000000020000000000000008"));
  EXPECT_FALSE(restores("000000020000000100000000"));
  EXPECT_FALSE(restores("000000010000000000000005"));
}

TEST_F(RestoreCommand, KnowsTheEndOfASegment) {
  know("00000003", "2\tA/8000000\tno recovery target specified\n");
  EXPECT_TRUE(restores("000000020000000A00000007"));
  EXPECT_FALSE(restores("000000020000000A00000008"));
  EXPECT_TRUE(restores("000000020000000900000008"));
  EXPECT_TRUE(restores("000000020000000A00000001", "export size=67108864; "));
  EXPECT_FALSE(restores("000000020000000A00000002", "export size=67108864; "));
}

// In a restore to a point in time an older timeline was left earlier than the present one does.
TEST_F(RestoreCommand, AsksTheNewestHistoryOnly) {
  know("00000002", "1\t0/3000000\tno recovery target specified\n");
  know("0000000A", "1\t0/9000000\tbefore 2026-01-02 03:04:05+00\n");
  EXPECT_TRUE(restores("000000010000000000000008"));
  EXPECT_FALSE(restores("000000010000000000000009"));
}

// A restore, which follows nobody, and pg_rewind, which runs while the server does not, choose
// their timelines themselves.
TEST_F(RestoreCommand, LeavesOthersTheirChoice) {
  know("00000003", kForkIn7);
  std::filesystem::remove(data_ / "standby.signal");
  EXPECT_TRUE(restores("000000020000000000000007"));
  follow();
  std::filesystem::remove(data_ / "postmaster.pid");
  EXPECT_TRUE(restores("000000020000000000000007"));
}

TEST_F(RestoreCommand, TellsWhatTheArchiveDoesNotHave) {
  EXPECT_FALSE(restores("000000020000000000000007", "export missing=1; "));
  EXPECT_EQ(WEXITSTATUS(status_), 1);
}

}  // namespace
}  // namespace annals::manifests
