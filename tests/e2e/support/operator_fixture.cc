// SPDX-License-Identifier: Apache-2.0
#include "support/operator_fixture.h"

#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace annals::e2e {
namespace {

using testing::AllOf;
using testing::IsEmpty;
using testing::Ne;
using testing::Not;

constexpr const char* kControlPlane = "postgres-operator.crunchydata.com/control-plane";
const std::string kOfCluster = "postgres-operator.crunchydata.com/cluster=";
// What a schedule makes comes by the clock, in the middle of any test.
const std::string kNotScheduled = ",!postgres-operator.crunchydata.com/pgbackrest-cronjob";
const std::string kInstances = ",postgres-operator.crunchydata.com/instance-set";

std::string command_of(const std::string& arguments) {
  return "set -o pipefail; $KUBECTL --namespace postgres-operator " + arguments;
}

// Of "GENERATION OBSERVED REPLICAS READY PROGRESSING".
bool is_settled(const std::string& seen) {
  std::istringstream words(seen);
  std::string generation;
  std::string observed;
  std::string replicas;
  std::string ready;
  std::string progressing;
  words >> generation >> observed >> replicas >> ready >> progressing;
  return generation == observed && replicas == ready && progressing == "False";
}

}  // namespace

Output Operator::kubectl(const std::string& arguments, std::chrono::seconds limit) {
  return run(command_of(arguments), limit);
}

std::string Operator::must_kubectl(const std::string& arguments, std::chrono::seconds limit) {
  return must(command_of(arguments), limit);
}

void Operator::apply(const std::string& command, const std::string& verb) {
  must("set -o pipefail; " + command + " | $KUBECTL --namespace postgres-operator " + verb +
       " -f -");
}

std::string Operator::replay(const std::string& arguments) {
  return must_kubectl("exec deploy/annals -- annals-replay " + arguments);
}

void Operator::expect_verified() {
  EXPECT_THAT(replay("verify"), testing::HasSubstr("\n0 differences"));
}

std::string Operator::postgres_version() {
  const char* chosen = std::getenv("ANNALS_E2E_POSTGRES");  // NOLINT(concurrency-mt-unsafe)
  return chosen == nullptr ? "15" : chosen;
}

void Operator::apply_like_hippo(const std::string& cluster, const std::string& edits,
                                const std::string& verb) {
  apply("sed 's/name: hippo/name: " + cluster + "/; s/postgresVersion: 15/postgresVersion: " +
            postgres_version() + "/; " + edits + "' examples/hippo.yaml",
        verb);
}

void Operator::make_like_hippo(const std::string& cluster, const std::string& edits) {
  remove(cluster);
  apply_like_hippo(cluster, edits);
  await_ready(cluster);
  await_backup(cluster);
}

void Operator::remove(const std::string& cluster) {
  must_kubectl("delete postgrescluster " + cluster + " --ignore-not-found --wait=false");
  await("the finalizers of postgrescluster " + cluster, 300s,
        [&] {
          return must_kubectl("get postgrescluster " + cluster +
                              " --ignore-not-found -o jsonpath='{.metadata.name} has "
                              "{.metadata.finalizers}{range .status.conditions[*]}\n{.type}: "
                              "{.message}{end}'");
        },
        IsEmpty(), {.details = [] { return must_kubectl("get pods -o wide"); }});
  await("what postgrescluster " + cluster + " owned", kCollected,
        [&] { return objects_of(cluster); }, IsEmpty(),
        {.details = [] { return must_kubectl("get pods -o wide"); }});
  // Or the next cluster of the name is thought to have told what this one did.
  must_kubectl("delete events --ignore-not-found --field-selector involvedObject.name=" + cluster);
}

void Operator::patch(const std::string& cluster, const std::string& merge_patch) {
  must_kubectl("patch postgrescluster " + cluster + " --type merge --patch '" + merge_patch + "'");
}

void Operator::change(const std::string& cluster, const std::string& operations) {
  must_kubectl("patch postgrescluster " + cluster + " --type json --patch '[" + operations + "]'");
}

void Operator::scale(const std::string& cluster, int replicas) {
  change(cluster, R"({"op":"replace","path":"/spec/instances/0/replicas","value":)" +
                      std::to_string(replicas) + "}");
}

void Operator::annotate(const std::string& cluster, const std::string& annotation) {
  must_kubectl("annotate --overwrite postgrescluster " + cluster +
               " postgres-operator.crunchydata.com/" + annotation);
}

std::string Operator::field(const std::string& cluster, const std::string& path) {
  return must_kubectl("get postgrescluster " + cluster + " -o jsonpath='{" + path + "}'");
}

std::string Operator::condition(const std::string& cluster, const std::string& type,
                                const std::string& what) {
  return field(cluster, ".status.conditions[?(@.type==\"" + type + "\")]." + what);
}

std::string Operator::conditions(const std::string& cluster) {
  return must_kubectl("get postgrescluster " + cluster +
                      " -o jsonpath='{range .status.conditions[*]}{.type}={.status} {.reason}: "
                      "{.message}{\"\\n\"}{end}'");
}

std::string Operator::events(const std::string& cluster) {
  return must_kubectl("get events.events.k8s.io -o jsonpath='{range .items[?(@.regarding.name==\"" +
                      cluster + "\")]}{.reason} {.note}{\"\\n\"}{end}'");
}

void Operator::await_condition(const std::string& cluster, const std::string& type,
                               std::chrono::seconds limit) {
  await_true(
      "condition " + type + " of " + cluster, limit,
      [&] { return condition(cluster, type, "status") == "True"; },
      [&] { return conditions(cluster); },
      {.details = [] { return must_kubectl("get pods -o wide"); }});
}

void Operator::await_settled(const std::string& cluster, std::chrono::seconds limit) {
  const auto look = [&] {
    const std::string seen =
        must_kubectl("get postgrescluster " + cluster +
                     " -o jsonpath='{.metadata.generation} {.status.observedGeneration} "
                     "{.spec.instances[0].replicas} {.status.instances[0].readyReplicas} "
                     "{.status.conditions[?(@.type==\"Progressing\")].status}'");
    return is_settled(seen) ? "settled" : seen;
  };
  await("generation, observed generation, replicas, ready ones and Progressing of " + cluster,
        limit, look, "settled",
        {.details = [&] { return conditions(cluster) + "\n" + must_kubectl("get pods -o wide"); }});
}

void Operator::await_streaming(const std::string& cluster, int replicas,
                               std::chrono::seconds limit) {
  await("how many replicas stream from the primary of " + cluster, limit,
        [&] {
          return superuser(cluster,
                           "select count(*) from pg_stat_replication where state = 'streaming'");
        },
        std::to_string(replicas), {.details = [&] {
          return superuser(cluster, "select application_name, state from pg_stat_replication") +
                 "\n" + must_kubectl("get pods -o wide");
        }});
}

void Operator::await_rolled_out(const std::string& object, std::chrono::seconds limit) {
  const Output done =
      kubectl("rollout status " + object + " --timeout " + std::to_string(limit.count()) + "s",
              limit + 10s);
  if (done.status == 0) return;
  throw CommandFailed("waited " + std::to_string(limit.count()) + " s for " + object + "\n" +
                      done.out + done.err + "\n" + kubectl("get pods -o wide").out + "\n" +
                      kubectl("get events.events.k8s.io --sort-by .metadata.creationTimestamp | "
                              "tail -n 15")
                          .out);
}

std::string Operator::uid(const std::string& object) {
  return must_kubectl("get " + object + " --ignore-not-found -o jsonpath={.metadata.uid}");
}

std::string Operator::primary(const std::string& cluster) {
  return named("pods", cluster, ",postgres-operator.crunchydata.com/role=master");
}

std::string Operator::of_instances(const std::string& cluster, const std::string& path) {
  return must_kubectl("get pods -l " + kOfCluster + cluster + kInstances +
                      " --sort-by=.metadata.name -o jsonpath='{range .items[*]}{" + path +
                      "},{end}'");
}

std::string Operator::named(const std::string& kinds, const std::string& cluster,
                            const std::string& more) {
  return must_kubectl("get " + kinds + " -o name -l '" + kOfCluster + cluster + more + "' | sort");
}

std::string Operator::count(const std::string& kinds, const std::string& cluster,
                            const std::string& more) {
  return must_kubectl("get " + kinds + " -o name -l '" + kOfCluster + cluster + more + "' | wc -l");
}

std::string Operator::objects_of(const std::string& cluster) {
  return must_kubectl(
      "get services,endpoints,configmaps,secrets,serviceaccounts,roles,rolebindings,"
      "persistentvolumeclaims,statefulsets,jobs,cronjobs,poddisruptionbudgets -o name -l " +
      kOfCluster + cluster + " | sed -E 's/" + cluster +
      "/CLUSTER/g; s/-instance1-[a-z0-9]*/-instance1-XXXX/; "
      "s/-(stanza|backup)-[a-z0-9]*/-\\1-XXXX/; /^job.*-repo1-(full|diff|incr)-[0-9]+$/d' | sort");
}

std::string Operator::pods_and_templates(const std::string& cluster) {
  return must_kubectl("get pods,statefulsets,persistentvolumeclaims -l '" + kOfCluster + cluster +
                      kNotScheduled +
                      "' --sort-by=.metadata.name -o jsonpath='{range .items[*]}{.kind} "
                      "{.metadata.name} {.metadata.uid} {.status.updateRevision}{\"\\n\"}{end}'");
}

void Operator::expect_back(const std::string& object) {
  const std::string before = uid(object);
  ASSERT_NE(before, "") << object;
  must_kubectl("delete " + object + " --wait=false");
  await(
      "the UID of another " + object, 30s, [&] { return uid(object); },
      AllOf(Not(IsEmpty()), Ne(before)));
}

std::string Operator::secret(const std::string& cluster, const std::string& user,
                             const std::string& key) {
  return must_kubectl("get secret " + cluster + "-pguser-" + user +
                      " -o go-template='{{index .data \"" + key + "\" | base64decode}}'");
}

Output Operator::psql_as(const std::string& cluster, const std::string& user,
                         const std::string& sql) {
  return kubectl("exec " + primary(cluster) + " -c database -- psql '" +
                 secret(cluster, user, "uri") +
                 "?sslmode=verify-full&sslrootcert=/pgconf/tls/ca.crt' -XAtc \"" + sql + "\"");
}

std::string Operator::psql(const std::string& cluster, const std::string& sql) {
  Output answer = try_psql(cluster, sql);
  if (answer.status != 0) throw CommandFailed(sql + ": " + answer.err);
  return std::move(answer.out);
}

std::string Operator::superuser(const std::string& cluster, const std::string& sql) {
  return must_kubectl("exec " + primary(cluster) + " -c database -- psql -XAtc \"" + sql + "\"");
}

std::string Operator::process_of(const std::string& label) {
  const std::string pod =
      must_kubectl("get pods -l " + label + " -o jsonpath='{.items[*].metadata.uid}'");
  return await(
      "the process of pod " + pod, 30s,
      [&] {
        return run("grep -lx annals-operator $(grep -l " + pod +
                   " /proc/[0-9]*/cgroup | sed s,cgroup,comm,) | cut -d / -f 3")
            .out;
      },
      testing::MatchesRegex("[0-9]+"));
}

void Operator::kill_the_operator() {
  const std::string process = process_of(kControlPlane);
  must("kill -9 " + process);
  await_true(
      "the end of the operator's process", 30s,
      [&] { return !std::filesystem::exists("/proc/" + process); },
      [&] { return run("cat /proc/" + process + "/status").out; });
}

void Operator::restart_the_operator() {
  kill_the_operator();
  must_kubectl(std::string("delete pods -l ") + kControlPlane +
               " --grace-period=0 --force --wait=false");
  await_rolled_out("deployment/annals", 60s);
}

void Operator::stop_the_operator() {
  must_kubectl("scale deployment annals --replicas 0");
  await(
      "pods of the operator", 60s,
      [] { return must_kubectl(std::string("get pods --no-headers -l ") + kControlPlane); },
      IsEmpty());
}

int Operator::kills(int ordinary, int thorough) {
  return std::getenv("ANNALS_TEST_LONG") == nullptr ? ordinary : thorough;  // NOLINT
}

void Operator::await_decisions(int wanted, std::chrono::seconds limit) {
  const auto is_moment = [&] {
    const std::string seen =
        kubectl("logs deploy/annals 2>/dev/null | grep -cE '\"event\":\"(decision|outcome)\"'").out;
    return !seen.empty() && std::stol(seen) >= wanted;
  };
  eventually(limit, is_moment, Looking::kKeen);
}

}  // namespace annals::e2e
