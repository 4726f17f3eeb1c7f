// What the tests of the operator do as its users: clusters in its namespace by kubectl, SQL in
// their pods, annals-replay in the operator's own. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "support/shell.h"

namespace annals::e2e {

using namespace std::chrono_literals;

// Until Kubernetes has collected what a deleted cluster owned: its last pod may use its whole grace
// period, and only then do its volumes go.
inline constexpr auto kCollected = 150s;

class Operator : public testing::Test {
 protected:
  static Output kubectl(const std::string& arguments, std::chrono::seconds limit = 120s) {
    return run("script/cluster kubectl --namespace postgres-operator " + arguments, limit);
  }
  static std::string must_kubectl(const std::string& arguments, std::chrono::seconds limit = 120s) {
    return must("script/cluster kubectl --namespace postgres-operator " + arguments, limit);
  }
  static std::string replay(const std::string& arguments) {
    return must_kubectl("exec deploy/annals -- annals-replay " + arguments);
  }
  static std::string primary(const std::string& cluster) {
    return kubectl("get pods -o name -l postgres-operator.crunchydata.com/cluster=" + cluster +
                   ",postgres-operator.crunchydata.com/role=master")
        .out;
  }
  static void await_ready(const std::string& cluster) {
    must_kubectl("wait --for condition=Ready postgrescluster/" + cluster + " --timeout 240s", 250s);
  }
  // A cluster as examples/hippo.yaml has it, with another name; `edits` are more of sed's commands.
  static void make_like_hippo(const std::string& cluster, const std::string& edits = "") {
    must_kubectl("delete postgrescluster " + cluster + " --ignore-not-found --wait", 300s);
    must("sed 's/name: hippo/name: " + cluster + "/; " + edits +
         "' examples/hippo.yaml | script/cluster kubectl -n postgres-operator apply -f -");
    await_ready(cluster);
    must_kubectl("wait --for condition=PGBackRestReplicaCreate postgrescluster/" + cluster +
                     " --timeout 240s",
                 250s);
  }
  static void remove(const std::string& cluster) {
    must_kubectl("delete postgrescluster " + cluster + " --wait", 300s);
    EXPECT_TRUE(eventually(kCollected, [&] { return objects_of(cluster).empty(); }))
        << objects_of(cluster);
  }
  // A path such as .status.observedGeneration; empty where there is nothing.
  static std::string field(const std::string& cluster, const std::string& path) {
    return kubectl("get postgrescluster " + cluster + " -o jsonpath='{" + path + "}'").out;
  }
  static std::string condition(const std::string& cluster, const std::string& type,
                               const std::string& what) {
    return field(cluster, ".status.conditions[?(@.type==\"" + type + "\")]." + what);
  }
  // Nothing goes on any more for the spec that there is now.
  static bool is_settled(const std::string& cluster) {
    return field(cluster, ".metadata.generation") == field(cluster, ".status.observedGeneration") &&
           condition(cluster, "Progressing", "status") == "False" &&
           field(cluster, ".status.instances[0].readyReplicas") ==
               field(cluster, ".spec.instances[0].replicas");
  }
  static void await_settled(const std::string& cluster) {
    EXPECT_TRUE(eventually(400s, [&] { return is_settled(cluster); }))
        << must_kubectl("get postgrescluster " + cluster + " -o yaml")
        << must_kubectl("get pods -o wide");
  }
  // What a needless write would change: which pods there are, and from which templates.
  static std::string pods_and_templates(const std::string& cluster) {
    return must_kubectl(
        "get pods,statefulsets,persistentvolumeclaims -l "
        "postgres-operator.crunchydata.com/cluster=" +
        cluster +
        " --sort-by=.metadata.name -o jsonpath='{range .items[*]}{.kind} {.metadata.name} "
        "{.metadata.uid} {.status.updateRevision}{\"\\n\"}{end}'");
  }
  // What an application would do with the user's Secret: connect by its uri, over TLS that is
  // verified.
  static Output psql(const std::string& cluster, const std::string& sql) {
    const std::string uri = must_kubectl("get secret " + cluster + "-pguser-" + cluster +
                                         " -o go-template='{{.data.uri | base64decode}}'");
    return kubectl("exec " + primary(cluster) + " -c database -- psql '" + uri +
                   "?sslmode=verify-full&sslrootcert=/pgconf/tls/ca.crt' -XAtc \"" + sql + "\"");
  }
  static std::string superuser(const std::string& cluster, const std::string& sql) {
    return kubectl("exec " + primary(cluster) + " -c database -- psql -XAtc \"" + sql + "\"").out;
  }
  // The operator's process in the pod with this label, as its node sees it.
  static std::string process_of(const std::string& label) {
    const std::string pod =
        must_kubectl("get pods -l " + label + " -o jsonpath='{.items[*].metadata.uid}'");
    std::string process;
    EXPECT_TRUE(eventually(30s,
                           [&] {
                             process =
                                 run("grep -lx annals-operator $(grep -l " + pod +
                                     " /proc/[0-9]*/cgroup | sed s,cgroup,comm,) | cut -d / -f 3")
                                     .out;
                             return !process.empty() && process.find('\n') == std::string::npos;
                           }))
        << "processes of pod " << pod << ": " << process;
    return process;
  }
  // kill -9 of the operator's process, from its node: nothing inside its container could do that to
  // the container's first process.
  static void kill_the_operator() {
    const std::string process = process_of("postgres-operator.crunchydata.com/control-plane");
    must("kill -9 " + process);
    ASSERT_TRUE(eventually(30s, [&] { return !std::filesystem::exists("/proc/" + process); }));
  }
  // Its pod goes as well, since the kubelet would wait ever longer before it starts a container
  // again.
  static void restart_the_operator() {
    ASSERT_NO_FATAL_FAILURE(kill_the_operator());
    must_kubectl(
        "delete pods -l postgres-operator.crunchydata.com/control-plane --grace-period=0 --force "
        "--wait=false");
    must_kubectl("rollout status deployment/annals --timeout 60s");
  }
  // So often it is killed, or more often with script/test --long.
  static int kills(int ordinary, int thorough) {
    return std::getenv("ANNALS_TEST_LONG") == nullptr ? ordinary : thorough;  // NOLINT
  }
  // A moment is a number of decisions and outcomes since the operator's start, not a time; but not
  // later than `limit`.
  static void await_decisions(int wanted, std::chrono::seconds limit) {
    const auto is_moment = [&] {
      const std::string seen =
          kubectl("logs deploy/annals 2>/dev/null | grep -cE '\"event\":\"(decision|outcome)\"'")
              .out;
      return !seen.empty() && std::stol(seen) >= wanted;
    };
    eventually(limit, is_moment, Looking::kKeen);
  }
  static std::string uid(const std::string& object) {
    return kubectl("get " + object + " -o jsonpath={.metadata.uid}").out;
  }
  static void expect_back(const std::string& object) {
    const std::string before = uid(object);
    ASSERT_NE(before, "") << object;
    must_kubectl("delete " + object + " --wait=false");
    EXPECT_TRUE(eventually(30s,
                           [&] {
                             const std::string now = uid(object);
                             return !now.empty() && now != before;
                           }))
        << object << " is not back";
  }
  // The objects of a cluster by kind and name, without what differs from run to run.
  static std::string objects_of(const std::string& cluster) {
    return must_kubectl(
        "get "
        "services,endpoints,configmaps,secrets,serviceaccounts,roles,rolebindings,"
        "persistentvolumeclaims,"
        "statefulsets,jobs,cronjobs,poddisruptionbudgets -o name -l "
        "postgres-operator.crunchydata.com/cluster=" +
        cluster + " | sed -E 's/" + cluster +
        "/CLUSTER/g; s/-instance1-[a-z0-9]*/-instance1-XXXX/; "
        "s/-(stanza|backup)-[a-z0-9]*/-\\1-XXXX/' | sort");
  }
};

}  // namespace annals::e2e
