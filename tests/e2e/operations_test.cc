// A cluster week after week: more and fewer instances, other pods, another leader, other
// parameters, a stop; on real pods. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

constexpr const char* kBear = "bear";
const std::string kOfInstances = ",postgres-operator.crunchydata.com/instance-set";

class Operations : public Operator {
 protected:
  static void SetUpTestSuite() {
    make_like_hippo(kBear);
    await_settled();
    superuser(kBear, "create table if not exists kept as select 7 as answer");
  }
  static void TearDownTestSuite() { remove(kBear); }

  static void patch(const std::string& merge_patch) { Operator::patch(kBear, merge_patch); }
  static void scale_to(int replicas) { scale(kBear, replicas); }
  static std::string condition(const std::string& type, const std::string& what) {
    return Operator::condition(kBear, type, what);
  }
  static void await_settled() { Operator::await_settled(kBear); }
  static std::string ready_pods() { return field(kBear, ".status.instances[0].readyReplicas"); }
  static std::string instances() { return named("statefulsets", kBear, kOfInstances); }
  static std::string pod_uids() { return of_instances(kBear, ".metadata.uid"); }
  static std::string volumes() {
    return count("pvc", kBear, ",postgres-operator.crunchydata.com/role=pgdata");
  }
  static void await_purposes(const std::string& purpose) {
    await("annotation purpose of each pod", 300s,
          [] { return of_instances(kBear, ".metadata.annotations.purpose"); },
          purpose + "," + purpose + "," + purpose + ",",
          {.details = [] { return conditions(kBear); }});
  }
  static std::string kept() { return superuser(kBear, "select answer from kept"); }
  static std::vector<std::string> pods() {
    std::istringstream names(of_instances(kBear, ".metadata.name"));
    std::vector<std::string> all;
    for (std::string name; std::getline(names, name, ',');) all.push_back(name);
    return all;
  }
  // What annals-replay says has all of these words: a field, its old and new value, its writer.
  static void expect_words(const std::string& question, const std::vector<std::string>& words) {
    const std::string story = replay(question);
    for (const std::string& word : words)
      EXPECT_NE(story.find(word), std::string::npos)
          << question << " does not say '" << word << "'\n"
          << story;
  }
  // The record of the newest decision with these words.
  static std::string record_of(const std::string& decision) {
    return replay("timeline --cluster postgres-operator/bear --kind decision | { grep -F '" +
                  decision + "' || true; } | tail -n 1 | awk '{ print $1 }'");
  }
  static std::string events(const std::string& reason) {
    return must_kubectl("get events.events.k8s.io --field-selector reason=" + reason +
                        " -o jsonpath='{range .items[*]}{.note}{\"\\n\"}{end}'");
  }
};

TEST_F(Operations, GrowsAndShrinksAndKeepsVolumesOfWhatHasGone) {
  const std::string before = instances();
  scale_to(3);
  await_settled();
  const std::string three = instances();
  EXPECT_NE(three, before);
  await_streaming(kBear, 2);
  const std::string leader = primary(kBear);
  scale_to(2);
  const std::vector<std::string> before_it_goes = pods();
  await("bear's StatefulSets", 120s, instances, testing::Ne(three));
  await_settled();
  const std::vector<std::string> left = pods();
  for (const std::string& pod : before_it_goes) {
    if (std::ranges::find(left, pod) == left.end())
      expect_words("why Pod/" + pod, {"spec.instances[0].replicas 3 -> 2 by kubectl"});
  }
  EXPECT_EQ(primary(kBear), leader) << "the leader stays";
  EXPECT_NE(condition("RemovedVolumesKept", "message"), "");
  EXPECT_EQ(volumes(), "3");
  scale_to(3);
  await_settled();
  EXPECT_EQ(instances(), three) << "who has gone comes back to its volumes";
  EXPECT_EQ(kept(), "7");
}

TEST_F(Operations, UpdatesItsPodsOneByOneAndSaysWhy) {
  const std::string leader = primary(kBear);
  const std::string name = leader.substr(leader.find('/') + 1);
  const std::vector<std::string> old = pods();
  patch(R"({"spec":{"metadata":{"annotations":{"purpose":"a test"}}}})");
  // Whoever waits is told for whom.
  const std::string answer = await(
      "why-not Pod/" + name, 120s, [&] { return replay("why-not Pod/" + name); },
      testing::AllOf(testing::HasSubstr("NO   it is the next pod to update"),
                     testing::ContainsRegex(
                         "NO +(members-stable|replicas-updated|primary-moved): waiting for")));
  EXPECT_NE(answer.find(", then " + name + " (this one)"), std::string::npos) << answer;
  await_purposes("a test");
  await_settled();
  EXPECT_NE(primary(kBear), leader) << "the leader has handed over";
  EXPECT_EQ(kept(), "7");
  for (const std::string& pod : old)
    expect_words("why Pod/" + pod, {"spec.metadata nothing -> ", "a test", "by kubectl"});
  expect_words(
      "why patroni/leader",
      {"the primary instead of pod " + name + ": spec.metadata nothing -> ", "by kubectl"});
}

// What the operator did to every pod, for whom, and who led: without a page to turn.
TEST_F(Operations, TellsARollingUpdateAsAStoryOnOneScreen) {
  patch(R"({"spec":{"metadata":{"annotations":{"purpose":"a story"}}}})");
  const std::string begin = R"(purpose a test -> a story by kubectl)";
  await("the decision '" + begin + "'", 120s, [&] { return record_of(begin); },
        testing::Not(testing::IsEmpty()), {.details = [] { return conditions(kBear); }});
  await_settled();
  const std::string from = record_of("rolling-update begin");
  const std::string story =
      replay("timeline --story --cluster postgres-operator/bear --from " + from);
  std::cout << story << "\n";
  for (const std::string& pod : pods()) {
    EXPECT_NE(story.find("rolling-update remake-pod: recreating pod " + pod), std::string::npos)
        << story;
    EXPECT_NE(story.find("pod " + pod + " is ready on node"), std::string::npos) << story;
  }
  EXPECT_NE(story.find(" the primary instead of pod "), std::string::npos) << story;
  EXPECT_NE(story.find(begin), std::string::npos) << story;
  EXPECT_NE(story.find("rolling-update complete"), std::string::npos) << story;
  EXPECT_LE(std::ranges::count(story, '\n'), 50) << story;
}

TEST_F(Operations, StopsAtTheFirstPodOfABadImageAndGoesOnWhenItIsMended) {
  const std::string leader = primary(kBear);
  const std::string image = must_kubectl(
      "get pods -l postgres-operator.crunchydata.com/cluster=bear,"
      "postgres-operator.crunchydata.com/instance-set -o "
      "jsonpath={.items[0].spec.containers[0].image}");
  patch(R"({"spec":{"image":"localhost/annals/no-such-image:1"}})");
  await(
      "Progressing of bear", 180s, [] { return condition("Progressing", "message"); },
      testing::AllOf(testing::HasSubstr("with the new template"), testing::HasSubstr("Image")));
  EXPECT_EQ(primary(kBear), leader);
  EXPECT_EQ(ready_pods(), "2") << "no other pod is touched";
  EXPECT_EQ(kept(), "7");
  patch(R"({"spec":{"image":")" + image + R"("}})");
  await_settled();
  EXPECT_EQ(kept(), "7");
}

TEST_F(Operations, SwitchesOverOnceForEachRequest) {
  const std::string leader = primary(kBear);
  patch(R"({"metadata":{"annotations":{"postgres-operator.crunchydata.com/trigger-switchover":"1"}},
            "spec":{"patroni":{"switchover":{"enabled":true}}}})");
  await("another leader", 120s, [] { return primary(kBear); },
        testing::AllOf(testing::Not(testing::IsEmpty()), testing::Ne(leader)),
        {.details = [] { return conditions(kBear); }});
  await_settled();
  EXPECT_NE(events("SwitchedOver"), "");
  expect_words("why patroni/leader", {"trigger-switchover nothing -> 1", "by kubectl"});
  const std::string next = primary(kBear);
  patch(R"({"metadata":{"annotations":{"postgres-operator.crunchydata.com/trigger-switchover":"2"}},
            "spec":{"patroni":{"switchover":{"enabled":true,"targetInstance":"nobody"}}}})");
  await(
      "an Event InvalidSwitchover", 60s, [] { return events("InvalidSwitchover"); },
      testing::HasSubstr("nobody"));
  EXPECT_EQ(primary(kBear), next);
  EXPECT_EQ(condition("Ready", "status"), "True");
}

TEST_F(Operations, RestartsPostgresInsideOfItsPodsForAParameter) {
  const std::string uids = pod_uids();
  patch(R"({"spec":{"patroni":{"dynamicConfiguration":{"postgresql":{"parameters":
            {"max_connections":150}}}}}})");
  const auto connections = [] { return superuser(kBear, "show max_connections"); };
  await("max_connections", 240s, connections, "150");
  patch(R"({"spec":{"patroni":{"dynamicConfiguration":{"postgresql":{"parameters":
            {"max_connections":120}}}}}})");
  await("max_connections", 240s, connections, "120");
  await(
      "what Patroni says of its members", 240s,
      [] { return of_instances(kBear, ".metadata.annotations.status"); },
      testing::Not(testing::HasSubstr("pending_restart")));
  await_settled();
  EXPECT_EQ(pod_uids(), uids) << "no pod was made anew";
  for (const std::string& pod : pods())
    expect_words("why postgres/" + pod, {"max_connections 150 -> 120", "by kubectl"});
}

// How many backups there are in the repository, by pgBackRest's own word.
// Its host is the last that a rolling update makes anew, and may have to start yet.
int backups_of_bear() {
  const std::string info = await(
      "pgbackrest info", 120s,
      [] {
        return must(
            "$KUBECTL --namespace postgres-operator exec bear-repo-host-0 -c pgbackrest -- "
            "pgbackrest info --output json");
      },
      testing::Not(testing::IsEmpty()));
  int count = 0;
  for (std::size_t at = 0; (at = info.find("\"label\":", at)) != std::string::npos; ++at) ++count;
  return count;
}

TEST_F(Operations, BacksUpOnceForEachRequestAndSaysWhoAsked) {
  const auto status = [](const std::string& field) {
    return Operations::field(kBear, ".status.pgbackrest." + field);
  };
  constexpr const char* kDone = "PGBackRestManualBackupSuccessful";
  const int before = backups_of_bear();
  annotate(kBear, "pgbackrest-backup=monday");
  await(
      "the reason of " + std::string(kDone), 60s, [] { return condition(kDone, "reason"); },
      "InvalidManualBackup");
  EXPECT_EQ(condition("Ready", "status"), "True");
  patch(R"({"spec":{"backups":{"pgbackrest":{"manual":{"repoName":"repo1",
            "options":["--type=incr"]}}}}})");
  await("the backup's id", 60s, [&] { return status("manualBackup.id"); }, "monday");
  await_condition(kBear, kDone, 180s);
  EXPECT_EQ(backups_of_bear(), before + 1);
  EXPECT_EQ(status("manualBackup.finished"), "true");
  EXPECT_EQ(status("manualBackup.succeeded"), "1");
  EXPECT_NE(status("manualBackup.completionTime"), "");
  const std::string job =
      named("jobs", kBear, ",postgres-operator.crunchydata.com/pgbackrest-backup=manual");
  const std::string story = replay("why Job/" + job.substr(job.find('/') + 1));
  EXPECT_NE(story.find("pgbackrest-backup=monday"), std::string::npos) << story;
  EXPECT_NE(story.find("kubectl"), std::string::npos) << story;
  EXPECT_NE(events("ManualBackupComplete").find("monday"), std::string::npos);
}

TEST_F(Operations, TellsOfBackupsThatAScheduleHasMade) {
  // As its schedule would; newer versions of kubectl create Jobs of batch/v1's CronJobs only.
  apply(
      "$KUBECTL -n postgres-operator get cronjob bear-repo1-diff -o json | jq '"
      "{apiVersion: \"batch/v1\", kind: \"Job\", spec: .spec.jobTemplate.spec, metadata: "
      "(.spec.jobTemplate.metadata + {name: \"bear-by-hand\", ownerReferences: [{apiVersion, kind, "
      "name: .metadata.name, uid: .metadata.uid, controller: true}]})}'",
      "create");
  await("scheduled backups of bear", 180s,
        [] {
          return must_kubectl(
              "get postgrescluster bear -o "
              "jsonpath='{range .status.pgbackrest.scheduledBackups[*]}"
              "{.cronJobName} {.type} {.succeeded};{end}'");
        },
        testing::HasSubstr("bear-repo1-diff diff 1;"), {.details = [] {
          return conditions(kBear) + "\n" + must_kubectl("get jobs,pods -o wide");
        }});
}

TEST_F(Operations, GrowsItsVolumesAndSaysThatTheyDoNotShrink) {
  const auto ask_for = [](const std::string& size) {
    change(kBear, R"({"op":"replace",)"
                  R"("path":"/spec/instances/0/dataVolumeClaimSpec/resources/requests/storage",)"
                  R"("value":")" +
                      size + R"("})");
  };
  const auto error = [] { return condition("PersistentVolumeResizeError", "message"); };
  const std::string pods = pod_uids();
  ask_for("2Gi");
  await(
      "the sizes of bear's volumes", 60s,
      [] {
        return must_kubectl(
            "get pvc -l postgres-operator.crunchydata.com/cluster=bear,"
            "postgres-operator.crunchydata.com/role=pgdata -o "
            "jsonpath='{range .items[*]}{.status.capacity.storage} {end}'");
      },
      testing::Not(testing::HasSubstr("1Gi")));
  await_settled();
  EXPECT_EQ(error(), "");
  ask_for("512Mi");
  await("PersistentVolumeResizeError of bear", 60s, error, testing::Not(testing::IsEmpty()));
  EXPECT_NE(events("PersistentVolumeError").find("512Mi"), std::string::npos);
  await_settled();
  ask_for("2Gi");
  await("PersistentVolumeResizeError of bear", 60s, error, testing::IsEmpty());
  EXPECT_EQ(pod_uids(), pods);
}

TEST_F(Operations, StopsAndStartsWithItsData) {
  patch(R"({"spec":{"shutdown":true}})");
  await("pods of bear", 240s, pod_uids, testing::IsEmpty());
  await("Ready's reason", 60s, [] { return condition("Ready", "reason"); }, "Shutdown");
  patch(R"({"spec":{"shutdown":false}})");
  await_settled();
  await_ready(kBear);
  EXPECT_EQ(kept(), "7");
}

// With nothing to keep them for, volumes go with their instance's time.
TEST_F(Operations, RemovesVolumesWhenTheirTimeIsOver) {
  annotate(kBear, "removed-volume-retention=5s");
  scale_to(2);
  await("how many volumes bear has", 240s, volumes, "2");
  await_settled();
  EXPECT_EQ(condition("RemovedVolumesKept", "status"), "");
  EXPECT_EQ(kept(), "7");
}

// The last one: the cluster has no backups any more.
TEST_F(Operations, RemovesWhatTheSpecDrops) {
  const auto of_bear = [](const std::string& kinds) { return named(kinds, kBear); };
  EXPECT_NE(of_bear("poddisruptionbudgets"), "");
  change(kBear, R"({"op":"add","path":"/spec/instances/0/minAvailable","value":0})");
  await(
      "PodDisruptionBudgets", 60s, [&] { return of_bear("poddisruptionbudgets"); },
      testing::IsEmpty());
  EXPECT_NE(of_bear("cronjobs"), "");
  change(kBear, R"({"op":"remove","path":"/spec/backups/pgbackrest/repos/0/schedules"})");
  await("CronJobs", 60s, [&] { return of_bear("cronjobs"); }, testing::IsEmpty());

  const std::string pods = pod_uids();
  change(kBear, R"({"op":"remove","path":"/spec/backups"})");
  await("Progressing's reason", 60s, [] { return condition("Progressing", "reason"); }, "Paused");
  EXPECT_NE(condition("Progressing", "message").find("authorizeBackupRemoval"), std::string::npos);
  EXPECT_NE(of_bear("statefulsets").find("bear-repo-host"), std::string::npos);
  EXPECT_EQ(pod_uids(), pods);
  annotate(kBear, "authorizeBackupRemoval=true");
  await(
      "what is there for backups", 120s,
      [&] { return of_bear("statefulsets,configmaps,serviceaccounts,roles,rolebindings"); },
      testing::AllOf(testing::Not(testing::HasSubstr("repo-host")),
                     testing::Not(testing::HasSubstr("pgbackrest"))));
  EXPECT_NE(of_bear("pvc").find("bear-repo1"), std::string::npos) << "what was backed up stays";
  await_settled();
  EXPECT_EQ(kept(), "7");
}

}  // namespace
}  // namespace annals::e2e
