// Pods on the cluster of script/cluster: volumes, names, services, exec, power cuts and partitions,
// with real PostgreSQL and Patroni. Wants a cluster with three nodes that has the images
// postgres:15 and upgrade:17. SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "support/await.h"
#include "support/port_forward.h"
#include "support/shell.h"

namespace annals::e2e {
namespace {

using namespace std::chrono_literals;

const std::string kManifests = "tests/e2e/manifests/";

/// Each test suite works in a namespace of its own, which is gone before and after it.
class InNamespace : public testing::Test {
 protected:
  static void make_namespace(const std::string& name) {
    name_ = name;
    remove_namespace();
    must("$KUBECTL create namespace " + name);
    await(
        "the service account default of " + name, 30s,
        [] { return must_kubectl("get serviceaccount default -o name"); },
        "serviceaccount/default");
  }
  static void remove_namespace() {
    must("$KUBECTL delete namespace --ignore-not-found --wait=false " + name_);
    await("what keeps namespace " + name_, 180s,
          [] {
            return must("$KUBECTL get namespace " + name_ +
                        " --ignore-not-found -o jsonpath='{.metadata.name}{range "
                        ".status.conditions[*]}\n{.type}={.status} {.message}{end}'");
          },
          testing::IsEmpty(), {.details = [] { return must_kubectl("get pods,pvc -o wide"); }});
  }
  static Output kubectl(const std::string& arguments, std::chrono::seconds limit = 120s) {
    return run("set -o pipefail; $KUBECTL --namespace " + name_ + " " + arguments, limit);
  }
  static std::string must_kubectl(const std::string& arguments, std::chrono::seconds limit = 120s) {
    return must("set -o pipefail; $KUBECTL --namespace " + name_ + " " + arguments, limit);
  }
  static void await_rolled_out(const std::string& set, std::chrono::seconds limit) {
    await("the ready pods of StatefulSet " + set, limit,
          [&] {
            return must_kubectl("get statefulset " + set +
                                " -o jsonpath='{.status.readyReplicas} of {.spec.replicas}'");
          },
          testing::AnyOf("1 of 1", "3 of 3"),
          {.details = [] { return must_kubectl("get pods,events --sort-by .metadata.name"); }});
  }
  static void await_pod(const std::string& name) {
    await("the condition Ready of pod " + name, 60s,
          [&] {
            return must_kubectl("get pod " + name +
                                " -o jsonpath='{.status.conditions[?(@.type==\"Ready\")].status}'");
          },
          "True", {.details = [&] { return must_kubectl("describe pod " + name); }});
  }

 private:
  static inline std::string name_;
};

class DatabaseOnAVolume : public InNamespace {
 protected:
  static void SetUpTestSuite() {
    make_namespace("e2e-volume");
    must_kubectl("apply -f " + kManifests + "volume.yaml");
    await_rolled_out("volume", 120s);
    await_pod("client");
  }
  static void TearDownTestSuite() { remove_namespace(); }

  /// psql on the client pod, which is on another node than the database.
  static std::string psql(const std::string& host, const std::string& sql) {
    return must_kubectl("exec client -- psql -U postgres -XAt -h " + host + " -c \"" + sql + "\"");
  }
};

TEST_F(DatabaseOnAVolume, RunsAsUser26WithoutAnyRight) {
  EXPECT_EQ(must_kubectl("exec volume-0 -- id -u"), "26");
  EXPECT_NE(kubectl("exec volume-0 -- touch /etc/written").status, 0)
      << "the root file system is read-only";
  EXPECT_EQ(must_kubectl("exec volume-0 -- grep CapEff /proc/1/status"),
            "CapEff:\t0000000000000000");
  EXPECT_EQ(must_kubectl("exec volume-0 -- stat -c '%u %g' /pgdata/pg15"), "26 26");
  EXPECT_EQ(must_kubectl("exec volume-0 -- stat -c %g /pgdata"), "26") << "fsGroup";
}

TEST_F(DatabaseOnAVolume, IsReachedByPodNameFromAnotherNode) {
  EXPECT_NE(must_kubectl("get pod volume-0 -o jsonpath={.spec.nodeName}"),
            must_kubectl("get pod client -o jsonpath={.spec.nodeName}"));
  EXPECT_EQ(psql("volume-0.volume", "select 1"), "1");
  EXPECT_EQ(psql("volume-0.volume.e2e-volume.svc.cluster.local", "select 1"), "1");
}

TEST_F(DatabaseOnAVolume, IsReachedByClusterIpFromAnotherNodeAndFromItself) {
  EXPECT_EQ(psql("volume-cluster-ip", "select 2"), "2");
  const std::string address =
      must_kubectl("get service volume-cluster-ip -o jsonpath={.spec.clusterIP}");
  EXPECT_EQ(psql(address, "select 3"), "3");
  EXPECT_EQ(must_kubectl("exec volume-0 -- psql -U postgres -XAt -h " + address + " -c 'select 4'"),
            "4");
}

TEST_F(DatabaseOnAVolume, IsReachedByNodePortOfEachNodeFromThisComputer) {
  for (const char* node : {"10.193.0.11", "10.193.0.12", "10.193.0.13"}) {
    EXPECT_EQ(run(std::string("timeout 5 bash -c '</dev/tcp/") + node + "/30432'").status, 0)
        << node;
  }
}

TEST_F(DatabaseOnAVolume, HasNamesForwardAndReverse) {
  const std::string address = must_kubectl("get pod volume-0 -o jsonpath={.status.podIP}");
  const std::string name = "volume-0.volume.e2e-volume.svc.cluster.local";
  EXPECT_EQ(must_kubectl("exec client -- getent hosts volume-0.volume | awk '{ print $1, $2 }'"),
            address + " " + name);
  EXPECT_EQ(must_kubectl("exec client -- getent hosts " + address + " | awk '{ print $1, $2 }'"),
            address + " " + name);
  EXPECT_NE(kubectl("exec client -- getent hosts no-such-name").status, 0);
}

TEST_F(DatabaseOnAVolume, IsReachedByPortForward) {
  const PortForward forward("e2e-volume", "pod/volume-0", "database", 5432);
  // The first answer of a PostgreSQL server to a request for TLS that it does not offer is an N.
  EXPECT_EQ(must("exec 3<>/dev/tcp/127.0.0.1/" + forward.port() +
                 "; printf '\\0\\0\\0\\10\\4\\322\\26\\57' >&3; timeout 5 head -c1 <&3"),
            "N")
      << forward.printed();
}

TEST_F(DatabaseOnAVolume, HasLogsAndCopiesFiles) {
  EXPECT_NE(must_kubectl("logs volume-0").find("database system is ready to accept connections"),
            std::string::npos);
  must("echo annals > /tmp/annals-e2e-copy");
  must_kubectl("cp /tmp/annals-e2e-copy volume-0:/tmp/copy");
  EXPECT_EQ(must_kubectl("exec volume-0 -- cat /tmp/copy"), "annals");
  EXPECT_EQ(must("printf 'in\\nand out' | $KUBECTL -n e2e-volume exec -i client -- cat"),
            "in\nand out");
  EXPECT_EQ(kubectl("exec client -- bash -c 'echo oops >&2; exit 7'").status, 7);
}

TEST_F(DatabaseOnAVolume, HasATokenThatTheApiServerKnows) {
  const std::string curl =
      "exec client -- bash -c 'd=/var/run/secrets/kubernetes.io/serviceaccount;"
      " curl -s --cacert $d/ca.crt -H \"Authorization: Bearer $(<$d/token)\""
      " https://kubernetes.default.svc/apis/authentication.k8s.io/v1'";
  EXPECT_NE(must_kubectl(curl).find("tokenreviews"), std::string::npos);
}

TEST_F(DatabaseOnAVolume, ReachesNothingOutsideOfThisComputer) {
  // An address for documentation: the nodes have no route to it, nor to anything else that is not
  // the cluster's.
  EXPECT_NE(kubectl("exec client -- timeout 5 bash -c '</dev/tcp/198.51.100.1/80'").status, 0);
  for (const char* node : {"node1", "node2", "node3"}) {
    const std::string process = must(std::string("script/cluster status | awk '$1 == \"") + node +
                                     "\" && $2 == \"machine\" { print $3 }'");
    EXPECT_EQ(
        must("nsenter --target " + process + " --net ip route show | grep -v '^10[.]193[.]'; true"),
        "");
  }
}

TEST_F(DatabaseOnAVolume, KeepsItsDataWhenThePodIsReplaced) {
  psql("volume-0.volume", "create table kept as select 42 as answer");
  const std::string uid = must_kubectl("get pod volume-0 -o jsonpath={.metadata.uid}");
  must_kubectl("delete pod volume-0 --wait=false");
  // How long the kubelet takes to clear a pod away is its business; that the data stays is ours.
  await("the UID of another pod volume-0", 150s,
        [] { return must_kubectl("get pod volume-0 -o jsonpath={.metadata.uid}"); },
        testing::AllOf(testing::Not(testing::IsEmpty()), testing::Ne(uid)), {.details = [] {
          return kubectl("describe pod volume-0").out +
                 run("script/cluster logs kubelet | grep volume-0 | tail -n 40").out;
        }});
  await_pod("volume-0");
  EXPECT_EQ(psql("volume-0.volume", "select answer from kept"), "42");
}

TEST_F(DatabaseOnAVolume, GrowsItsClaim) {
  must_kubectl(
      "patch pvc pgdata-volume-0 -p "
      "'{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"2Gi\"}}}}'");
  await(
      "the size of the claim", 20s,
      [] { return must_kubectl("get pvc pgdata-volume-0 -o jsonpath={.status.capacity.storage}"); },
      "2Gi");
}

TEST_F(InNamespace, ARemovedClaimTakesItsVolumeAlong) {
  make_namespace("e2e-claim");
  must_kubectl("apply -f " + kManifests + "volume.yaml");
  await_rolled_out("volume", 120s);
  const std::string volume = must_kubectl("get pvc pgdata-volume-0 -o jsonpath={.spec.volumeName}");
  const std::string path = must_kubectl("get pv " + volume + " -o jsonpath={.spec.local.path}");
  EXPECT_EQ(run("test -d " + path + "/pg15").status, 0);
  remove_namespace();
  await("the volume's folder", 30s, [&] { return run("ls -d " + path).out; }, testing::IsEmpty());
  await(
      "the volume", 10s,
      [&] { return must("$KUBECTL get pv " + volume + " --ignore-not-found -o name"); },
      testing::IsEmpty());
}

TEST_F(InNamespace, UpgradeImagePassesPgUpgradeCheck) {
  make_namespace("e2e-upgrade");
  must_kubectl("apply -f " + kManifests + "pg-upgrade.yaml");
  await("the conditions of Job pg-upgrade", 120s,
        [] {
          return must_kubectl(
              "get job pg-upgrade -o jsonpath='{range .status.conditions[*]}{.type}={.status} "
              "{end}'");
        },
        testing::HasSubstr("Complete=True"),
        {.details = [] { return must_kubectl("get pods -o wide; $KUBECTL logs job/pg-upgrade"); }});
  EXPECT_NE(must_kubectl("logs job/pg-upgrade").find("*Clusters are compatible*"),
            std::string::npos);
  remove_namespace();
}

class ThreePatroniMembers : public InNamespace {
 protected:
  // Patroni's own: the leader's key expires after ttl (30 s), members look each loop_wait (10 s);
  // the rest is for the promotion itself on a busy machine.
  static constexpr auto kFailoverLimit = 30s + 10s + 20s;

  void SetUp() override {
    make_namespace("e2e-patroni");
    must_kubectl("apply -f " + kManifests + "patroni.yaml");
    await_rolled_out("patroni", 180s);
    await_true(
        "a leader and two replicas", 60s,
        [] { return members("role=replica").size() == 2 && leader() != ""; },
        [] { return must_kubectl("get pods --show-labels"); });
  }
  void TearDown() override {
    // A failed test may leave a node off or cut; the tests after it need all three.
    must("script/cluster up", 200s);
    remove_namespace();
  }

  static std::vector<std::string> members(const std::string& label) {
    std::istringstream names(
        must_kubectl("get pods -l app=patroni," + label + " -o name | sed s,pod/,,"));
    return {std::istream_iterator<std::string>(names), {}};
  }
  /// The pod whose address stands in the Endpoints that clients use, when it is one that takes
  /// writes.
  static std::string leader() {
    const std::string address =
        kubectl("get endpoints trio -o jsonpath={.subsets[0].addresses[0].ip}").out;
    if (address.empty()) return "";
    std::string name =
        kubectl("get pods -l app=patroni -o json | jq -r '.items[] | select(.status.podIP == \"" +
                address + "\") | .metadata.name'")
            .out;
    return psql(name, "select pg_is_in_recovery()") == "f" ? name : "";
  }
  static std::string psql(const std::string& pod, const std::string& sql) {
    return kubectl("exec " + pod +
                       " -c database --request-timeout 5s -- psql -U postgres -XAt -c \"" + sql +
                       "\"",
                   10s)
        .out;
  }
  static std::string node_of(const std::string& pod) {
    return must_kubectl("get pod " + pod + " -o jsonpath={.spec.nodeName}");
  }
  static std::string await_leader_other_than(const std::string& old) {
    return await("another leader than " + old, kFailoverLimit, leader,
                 testing::AllOf(testing::Not(testing::IsEmpty()), testing::Ne(old)),
                 {.details = [] { return must_kubectl("get pods --show-labels"); }});
  }
  static void expect_streaming_from(const std::string& leader, const std::string& member) {
    await(member + " as a replica of " + leader, 120s,
          [&] {
            return psql(leader, "select state from pg_stat_replication where application_name = '" +
                                    member + "'");
          },
          "streaming", {.details = [&] { return must_kubectl("logs " + member + " --tail 20"); }});
  }
};

TEST_F(ThreePatroniMembers, ElectAnotherLeaderAfterAPowerCutAndTakeTheOldOneBack) {
  const std::string old_leader = leader();
  const std::string node = node_of(old_leader);
  psql(old_leader, "create table kept as select 1 as answer");
  // Replication is asynchronous: a power cut takes along what no replica has received.
  for (const std::string& replica : members("role=replica")) {
    await(
        "what " + replica + " has", 30s, [&] { return psql(replica, "select answer from kept"); },
        "1");
  }
  must("script/cluster node stop " + node);

  const std::string new_leader = await_leader_other_than(old_leader);
  EXPECT_EQ(psql(new_leader, "insert into kept values (2) returning answer").substr(0, 1), "2");

  must("script/cluster node start " + node, 120s);
  expect_streaming_from(new_leader, old_leader);
  EXPECT_EQ(psql(old_leader, "select count(*) from kept"), "2");
  EXPECT_EQ(leader(), new_leader);
}

TEST_F(ThreePatroniMembers, ElectAnotherLeaderWhenTheOldOneIsCutOff) {
  const std::string old_leader = leader();
  const std::string node = node_of(old_leader);
  const std::string process = must("script/cluster status | awk '$1 == \"" + node +
                                   "\" && $2 == \"kubelet\" { print $3 }'");
  must("script/cluster node isolate " + node);

  const std::string new_leader = await_leader_other_than(old_leader);
  must("script/cluster node rejoin " + node);
  expect_streaming_from(new_leader, old_leader);
  EXPECT_EQ(must("script/cluster status | awk '$1 == \"" + node +
                 "\" && $2 == \"kubelet\" { print $3 }'"),
            process)
      << "a partition leaves the node's processes alone";
}

}  // namespace
}  // namespace annals::e2e
