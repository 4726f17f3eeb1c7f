// The command that Patroni runs before it promotes a member, run for real: psql against a primary,
// a copy of it that follows and is promoted, and another database.
#include "manifests/instance/leader_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/concat.h"
#include "tests/integration/postgres/postgres_server.h"

namespace annals::manifests {
namespace {

using postgres::PostgresServer;
using testing::HasSubstr;

class LeaderCheck : public testing::Test {
 protected:
  LeaderCheck() : words_(primary_.certificates() + "/words") {}

  static void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size())
      text.replace(at, from.size(), to);
  }
  // Its status where the volume is this server's, and `host` is asked at the other one's port. In a
  // pod the certificates lie elsewhere, and are another role's.
  int check(const PostgresServer& volume, const std::string& host, const PostgresServer& other) {
    std::string command =
        leader_check({.enabled = false, .host = host, .port = other.port(), .repo_name = {}});
    replace_all(command, "/tmp/replication", primary_.certificates());
    replace_all(command, "user=_crunchyrepl", "user=postgres");
    std::ofstream(words_ + ".sh")
        << "unset ${!PG*}; export PATH=/usr/lib/postgresql/15/bin:$PATH PGDATA="
        << (std::filesystem::path(volume.certificates()).parent_path() / "data").string() << "\n"
        << command << "\n";
    const int status = std::system(concat("bash ", words_, ".sh 2>", words_).c_str());
    return status / 256;
  }
  int check(const PostgresServer& volume, const PostgresServer& other) {
    return check(volume, "localhost", other);
  }
  std::string words() const {
    std::ifstream file(words_);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // As the certificates' role, by psql: its output.
  static std::string ask(const PostgresServer& server, const std::string& sql) {
    const std::string file = server.certificates() + "/answer";
    const std::string line =
        concat("psql -XAtq -d '", server.conninfo(), " dbname=postgres' -c \"", sql, "\" >", file);
    EXPECT_EQ(std::system(line.c_str()), 0) << server.log();
    std::ifstream answer(file);
    std::string text;
    std::getline(answer, text);
    return text;
  }
  // It is on another timeline afterwards.
  static void promote(const PostgresServer& server) {
    ASSERT_EQ(ask(server, "select pg_promote()"), "t");
    ask(server, "checkpoint");
  }

  PostgresServer primary_;
  PostgresServer follower_{postgres::StandbyOf{primary_}};
  std::string words_;
};

TEST_F(LeaderCheck, FailsWhereTheOtherOneWritesOnALaterTimeline) {
  promote(follower_);
  EXPECT_EQ(check(primary_, follower_), 1);
  EXPECT_THAT(words(), HasSubstr("another cluster leads: localhost takes writes on timeline 2, and "
                                 "this volume is on timeline 1"));
}

// It is for the server that comes back, which does not run by then.
TEST_F(LeaderCheck, NeedsTheVolumeAlone) {
  promote(follower_);
  primary_.shut_down();
  EXPECT_EQ(check(primary_, follower_), 1);
}

TEST_F(LeaderCheck, AsksEachOfSeveralHosts) {
  promote(follower_);
  EXPECT_EQ(check(primary_, "no-such-host.invalid,localhost", follower_), 1);
}

TEST_F(LeaderCheck, LetsLeadWhereTheOtherOneFollows) {
  EXPECT_EQ(check(primary_, follower_), 0);
  EXPECT_EQ(words(), "");
}

TEST_F(LeaderCheck, LetsLeadWhoIsOnTheLaterTimeline) {
  promote(follower_);
  EXPECT_EQ(check(follower_, primary_), 0);
}

TEST_F(LeaderCheck, LetsLeadOnTheSameTimeline) {
  EXPECT_EQ(check(follower_, primary_), 0);
  promote(follower_);
  EXPECT_EQ(check(follower_, follower_), 0);
}

TEST_F(LeaderCheck, LetsLeadWhereAnotherDatabaseAnswers) {
  promote(follower_);
  const PostgresServer other;
  EXPECT_EQ(check(other, follower_), 0);
}

TEST_F(LeaderCheck, LetsLeadWhereNobodyAnswers) {
  promote(follower_);
  EXPECT_EQ(check(primary_, "no-such-host.invalid", follower_), 0);
  follower_.shut_down();
  EXPECT_EQ(check(primary_, follower_), 0);
}

TEST_F(LeaderCheck, LetsLeadWhereTheOtherOneDoesNotLetIn) {
  const PostgresServer other;
  promote(follower_);
  EXPECT_EQ(check(follower_, other), 0);
}

}  // namespace
}  // namespace annals::manifests
