// The command that Patroni runs before it stops PostgreSQL, run for real, with programs that stand
// in for the server: they end at SIGINT, or do not.
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/concat.h"
#include "manifests/instance/patroni.h"
#include "tests/unit/manifests/clusters.h"

namespace annals::manifests {
namespace {

using namespace std::chrono_literals;

class BeforeStop : public testing::Test {
 protected:
  BeforeStop() {
    std::string pattern = testing::TempDir() + "before-stop-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    std::ofstream(folder_ / "command")
        << dynamic_configuration(hippo(), observed_hippo())["postgresql"]["before_stop"]
               .get<std::string>();
  }
  ~BeforeStop() override { std::filesystem::remove_all(folder_); }

  // The status of what `script` comes to; "$command" in it is the command, as a shell reads it.
  int run(const std::string& script) const {
    const std::string line =
        concat("export PGDATA=", folder_.string(), "; command=$(cat $PGDATA/command); ", script);
    std::ofstream(folder_ / "script") << line;
    const auto began = std::chrono::steady_clock::now();
    const int status = std::system(concat("bash ", (folder_ / "script").string()).c_str());
    EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
    return status;
  }

  std::filesystem::path folder_;
};

// Until env has become sleep, SIGINT is ignored as by every process in the background.
std::string server(const std::string& signals) {
  return concat("env --", signals, "-signal=INT sleep 60 & pid=$!; ",
                "until grep --quiet sleep /proc/$pid/comm; do :; done; ");
}

TEST_F(BeforeStop, ReturnsWhenTheServerHasEnded) {
  EXPECT_EQ(run(concat(server("default"), "echo $pid >$PGDATA/postmaster.pid; ",
                       "eval \"$command\" 2>/dev/null; ! kill -0 $pid 2>/dev/null")),
            0);
}

TEST_F(BeforeStop, LeavesAServerThatDoesNotEndToPatroni) {
  EXPECT_EQ(run(concat(server("ignore"), "echo $pid >$PGDATA/postmaster.pid; ",
                       "eval \"$command\"; kill -KILL $pid")),
            0);
}

TEST_F(BeforeStop, WithoutAServerThereIsNothingToDo) {
  EXPECT_NE(run("eval \"$command\" 2>/dev/null"), 0);
}

// A negative number would be a group of processes to kill(2).
TEST_F(BeforeStop, LeavesSingleUserModeAlone) {
  EXPECT_EQ(run(concat("set -m; ", server("default"), "echo -$pid >$PGDATA/postmaster.pid; ",
                       "eval \"$command\"; kill -KILL $pid")),
            0);
}

TEST_F(BeforeStop, GivesWayToTheUsersOwn) {
  Json resource = Json::parse(spec::print_postgres_cluster(hippo()));
  resource["spec"]["patroni"]["dynamicConfiguration"]["postgresql"]["before_stop"] = "/bin/true";
  const auto cluster = spec::parse_postgres_cluster(resource.dump());
  EXPECT_EQ(dynamic_configuration(*cluster, observed_hippo())["postgresql"]["before_stop"],
            "/bin/true");
}

}  // namespace
}  // namespace annals::manifests
