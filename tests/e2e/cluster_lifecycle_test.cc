// script/cluster itself: what it starts, mends and leaves behind. Each test ends with no cluster
// running. SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "support/await.h"
#include "support/shell.h"
#include "support/trace.h"

namespace annals::e2e {
namespace {

using namespace std::chrono_literals;

// A cluster that has worked for long leaves many small files to remove.
constexpr auto kDownLimit = 300s;

class ClusterLifecycle : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) FAIL() << "script/cluster needs root, and so do its tests";
    must("script/cluster down", kDownLimit);
    before_ = take_trace();
  }
  void TearDown() override { run("script/cluster down", kDownLimit); }

  static void up(const std::string& arguments = "") {
    must("script/cluster up " + arguments, 300s);
  }

  /// The component's process, as `script/cluster status` tells it.
  static std::string process_of(const std::string& machine, const std::string& component) {
    return must("script/cluster status | awk '$1 == \"" + machine + "\" && $2 == \"" + component +
                "\" { print $3 }'");
  }

  static void expect_healthy() {
    const Output status = run("script/cluster status");
    EXPECT_EQ(status.status, 0) << status.out << status.err;
    EXPECT_EQ(must("script/cluster kubectl get --raw /readyz"), "ok");
  }

  void expect_no_trace() {
    std::map<std::string, std::string> after;
    // The kernel lets namespaces go a moment after their last process. What is left is told below.
    eventually(5s, [&] { return (after = take_trace()) == before_; });
    for (const auto& [what, lines] : before_) EXPECT_EQ(after[what], lines) << "changed: " << what;
  }

 private:
  std::map<std::string, std::string> before_;
};

TEST_F(ClusterLifecycle, DownLeavesNothingBehind) {
  up("--nodes 2");
  expect_healthy();
  must("script/cluster down", kDownLimit);
  expect_no_trace();
}

TEST_F(ClusterLifecycle, UpTwiceChangesNothing) {
  up();
  const std::string first = must("script/cluster status | awk 'NF == 3'");
  up();
  EXPECT_EQ(must("script/cluster status | awk 'NF == 3'"), first) << "the same processes";
}

TEST_F(ClusterLifecycle, UpGrowsAClusterAndKeepsItsNodes) {
  up("--control-plane");
  EXPECT_EQ(must("script/cluster kubectl get nodes -o name"), "");
  up();
  EXPECT_EQ(must("script/cluster kubectl get nodes -o name"), "node/node1");
  up("--nodes 2");
  up();
  EXPECT_EQ(must("script/cluster kubectl get nodes -o name"), "node/node1\nnode/node2");
}

TEST_F(ClusterLifecycle, AClusterKeepsItsVersionAndItsKubectlIsOfThatVersion) {
  up("--control-plane");
  const std::string server =
      must("script/cluster kubectl version -o json | jq -r .serverVersion.gitVersion");
  EXPECT_EQ(must("script/cluster kubectl version -o json | jq -r .clientVersion.gitVersion"),
            server);
  EXPECT_EQ(must("eval \"$(script/cluster env)\" && command -v kubectl"),
            must("script/cluster kubectl-path"));
  const std::string other = server.starts_with("v1.20.") ? "1.37.2" : "debian";
  const Output output = run("script/cluster up --control-plane --kubernetes " + other);
  EXPECT_EQ(output.status, 1);
  EXPECT_NE(output.err.find("stop it first with 'script/cluster down'"), std::string::npos)
      << output.err;
  expect_healthy();
}

TEST_F(ClusterLifecycle, AKilledComponentIsStartedByTheNextUp) {
  up();
  const std::vector<std::pair<std::string, std::string>> components{
      {"control-plane", "etcd"},
      {"control-plane", "kube-apiserver"},
      {"control-plane", "kube-scheduler"},
      {"control-plane", "kube-controller-manager"},
      {"control-plane", "dns"},
      {"control-plane", "volumes"},
      {"node1", "containerd"},
      {"node1", "kubelet"},
      {"node1", "kube-proxy"},
      {"node1", "machine"},
      {"control-plane", "machine"},
  };
  for (const auto& [machine, component] : components) {
    SCOPED_TRACE(component);
    const std::string process = process_of(machine, component);
    must("kill -9 " + process);
    await_true(
        "a status that tells of it", 10s, [] { return run("script/cluster status").status != 0; },
        [] { return run("script/cluster status").out; });
    up();
    EXPECT_NE(process_of(machine, component), process);
    expect_healthy();
  }
}

// Killed as soon as it has printed its n-th line, for each n: between any two steps, and in the
// step that follows.
TEST_F(ClusterLifecycle, AKilledUpIsMendedByTheNextUpOrRemovedByDown) {
  for (int lines = 0; lines <= 9; ++lines) {
    SCOPED_TRACE(lines);
    {
      Background half("exec script/cluster up", "/tmp/annals-e2e-half-up.log");
      await_true(
          "line " + std::to_string(lines) + " of up, or its end", 120s,
          [&] { return std::ranges::count(half.printed(), '\n') >= lines || !half.running(); },
          [&] { return half.printed(); });
      half.kill_alone();
      if (lines % 2 == 0) {
        up();
        expect_healthy();
      }
      must("script/cluster down", kDownLimit);
    }
    expect_no_trace();
  }
}

TEST_F(ClusterLifecycle, AKilledDownIsFinishedByTheNext) {
  up("--control-plane");
  {
    Background half("exec script/cluster down", "/tmp/annals-e2e-half-down.log");
    await("the first line of down", 30s, [&] { return half.printed(); }, testing::HasSubstr("\n"));
    half.kill_alone();
  }
  must("script/cluster down", kDownLimit);
  expect_no_trace();
}

struct Mistake {
  std::string command;
  int status;
  std::string says;
};

TEST_F(ClusterLifecycle, MistakesGetOneClearLine) {
  const std::vector<Mistake> mistakes{
      {"script/cluster", 2, "a command is missing"},
      {"script/cluster fly", 2, "unknown command 'fly'"},
      {"script/cluster up --nodes 10", 2, "--nodes is '10', but must be a number from 1 to 9"},
      {"script/cluster up --nodes", 2, "--nodes is '', but must be a number from 1 to 9"},
      {"script/cluster up --nodes 1 --control-plane", 2, "exclude each other"},
      {"script/cluster up --kubernetes 9.9", 2,
       "the version of Kubernetes is '9.9', but must be one of: "},
      {"ANNALS_KUBERNETES=old script/cluster build", 2, "the version of Kubernetes is 'old'"},
      {"script/cluster up --colour", 2, "unknown argument '--colour'"},
      {"script/cluster node stop node1", 1, "no cluster is running"},
      {"script/cluster load nothing", 1, "no cluster is running"},
      {"setpriv --reuid 65534 --clear-groups script/cluster up", 1, "needs root"},
      {"ANNALS_CLUSTER_NET=ten script/cluster up", 2, "ANNALS_CLUSTER_NET is 'ten'"},
  };
  for (const Mistake& mistake : mistakes) {
    SCOPED_TRACE(mistake.command);
    const Output output = run(mistake.command);
    EXPECT_EQ(output.status, mistake.status);
    EXPECT_EQ(output.out, "");
    EXPECT_NE(output.err.find(mistake.says), std::string::npos) << output.err;
    EXPECT_EQ(output.err.find('\n'), std::string::npos) << "one line: " << output.err;
  }
}

TEST_F(ClusterLifecycle, ATakenAddressRangeIsNamed) {
  must("ip link add annals-e2e type bridge && ip address add 10.193.7.1/24 dev annals-e2e");
  const Output output = run("script/cluster up");
  must("ip link delete annals-e2e");
  EXPECT_EQ(output.status, 1);
  EXPECT_NE(output.err.find("the link annals-e2e uses addresses of 10.193.0.0/16"),
            std::string::npos)
      << output.err;
}

TEST_F(ClusterLifecycle, ATakenPortIsNamedWithTheLog) {
  up("--control-plane");
  const std::string root = process_of("control-plane", "machine");
  must("kill -9 " + process_of("control-plane", "kube-scheduler"));
  const Background taker(
      "exec nsenter --target " + root + " --net python3 -m http.server --bind 127.0.0.1 10259",
      "/tmp/annals-e2e-taker.log");
  await_true(
      "somebody on the scheduler's port", 10s,
      [&] {
        return run("nsenter --target " + root +
                   " --net curl -s -m 5 http://127.0.0.1:10259 -o /dev/null")
                   .status == 0;
      },
      [&] { return taker.printed(); });
  const Output output = run("script/cluster up --control-plane");
  EXPECT_EQ(output.status, 1);
  EXPECT_NE(output.err.find("address already in use"), std::string::npos) << output.err;
  EXPECT_NE(output.err.find("kube-scheduler.log"), std::string::npos) << output.err;
}

TEST_F(ClusterLifecycle, AFullDiskIsNamed) {
  must("mkdir -p /tmp/annals-e2e-full && mount -t tmpfs -o size=16m tmpfs /tmp/annals-e2e-full");
  const Output output = run("ANNALS_CACHE_DIR=/tmp/annals-e2e-full script/cluster up");
  must("umount /tmp/annals-e2e-full && rmdir /tmp/annals-e2e-full");
  EXPECT_EQ(output.status, 1);
  // Folders of its own take a little of the sixteen.
  EXPECT_THAT(output.err,
              testing::ContainsRegex("needs 7000 MiB on the disk of /tmp/annals-e2e-full, but only "
                                     "1[0-9] MiB are free"));
}

TEST_F(ClusterLifecycle, TwoAtOnceDoNotMeet) {
  const Background first("exec script/cluster up --control-plane", "/tmp/annals-e2e-first.log");
  await(
      "its certificates", 60s, [&] { return first.printed(); }, testing::HasSubstr("certificates"));
  const Output second = run("script/cluster down", kDownLimit);
  EXPECT_EQ(second.status, 1);
  EXPECT_NE(second.err.find("another script/cluster is running"), std::string::npos) << second.err;
  await_true("its end", 120s, [&] { return !first.running(); }, [&] { return first.printed(); });
  expect_healthy();
}

}  // namespace
}  // namespace annals::e2e
