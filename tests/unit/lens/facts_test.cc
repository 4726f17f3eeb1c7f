// Facts of objects that a real API server sent are the same as they always were.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/concat.h"
#include "fsm/codec/codec.h"
#include "journal/secret_shapes.h"
#include "lens/cluster.h"
#include "lens/object.h"
#include "lens/pod.h"
#include "tests/unit/lens/reference.h"

namespace annals::lens {
namespace {

using nlohmann::json;

// Objects of one kind, one a line, as items of a list: without their kind.
std::vector<std::string> recorded(const std::string& plural) {
  std::ifstream file(ANNALS_SOURCE_DIR "/tests/unit/lens/recorded/" + plural + ".jsonl");
  std::vector<std::string> objects;
  for (std::string line; std::getline(file, line);) objects.push_back(line);
  EXPECT_FALSE(objects.empty()) << plural;
  return objects;
}

std::string bytes(const fsm::Input& fact) { return fsm::encode(fact).payload; }

std::string with_kind(const std::string& object, const std::string& kind) {
  json changed = json::parse(object);
  changed["kind"] = kind;
  return changed.dump();
}

void expect_same_owned(const std::string& object, const std::string& kind) {
  k8s::JsonReader reader;
  const std::string whole = with_kind(object, kind);
  const std::string expected = bytes(reference::owned_fact(whole));
  for (const std::string& form : {whole, object, json::parse(object).dump(2)}) {
    const Result<OwnedView> view = read_owned_view(reader, form);
    ASSERT_TRUE(view) << to_string(view.error());
    EXPECT_EQ(bytes(view->fact), expected) << kind;
    EXPECT_EQ(view->meta.key.uid, view->fact.uid);
  }
}

void expect_same_pod(const std::string& object) {
  k8s::JsonReader reader;
  const Result<PodView> view = read_pod_view(reader, object);
  ASSERT_TRUE(view) << to_string(view.error());
  EXPECT_EQ(bytes(view->fact), bytes(reference::pod_fact(object)));
}

void expect_same_cluster(const std::string& object) {
  k8s::JsonReader reader;
  const Result<ClusterView> view = read_cluster_view(reader, object);
  ASSERT_TRUE(view) << to_string(view.error());
  EXPECT_EQ(bytes(view->fact), bytes(reference::cluster_fact(object)));
}

TEST(Facts, OfRecordedObjectsAreTheSameAsEver) {
  const std::pair<const char*, const char*> kinds[] = {
      {"configmaps", "ConfigMap"},
      {"endpoints", "Endpoints"},
      {"persistentvolumeclaims", "PersistentVolumeClaim"},
      {"rolebindings", "RoleBinding"},
      {"roles", "Role"},
      {"secrets", "Secret"},
      {"serviceaccounts", "ServiceAccount"},
      {"services", "Service"},
      {"statefulsets", "StatefulSet"}};
  int owned = 0;
  for (const auto& [plural, kind] : kinds) {
    for (const std::string& object : recorded(plural)) {
      expect_same_owned(object, kind);
      owned += reference::owned_fact(object).digest.empty() ? 0 : 1;
    }
  }
  EXPECT_GT(owned, 15) << "most of them are ours, so that their digests were compared";
  for (const std::string& pod : recorded("pods")) expect_same_pod(pod);
  for (const std::string& cluster : recorded("postgresclusters")) expect_same_cluster(cluster);
}

TEST(Facts, OfPodsInTroubleAreTheSameAsEver) {
  json pod = json::parse(recorded("pods").front());
  pod["status"]["containerStatuses"][0]["state"] = {{"waiting", {{"reason", "ImagePullBackOff"}}}};
  expect_same_pod(pod.dump());
  pod["status"]["initContainerStatuses"] =
      json::array({{{"name", "first"}, {"state", {{"waiting", {{"reason", "PodInitializing"}}}}}},
                   {{"name", "second"}, {"state", {{"waiting", {{"reason", "ErrImagePull"}}}}}}});
  expect_same_pod(pod.dump());
  pod["metadata"]["deletionTimestamp"] = "2026-01-31T08:05:00Z";
  pod["status"]["conditions"] = json::array({{{"type", "PodScheduled"},
                                              {"status", "False"},
                                              {"reason", "Unschedulable"},
                                              {"message", "0/3 nodes: \"é\"\n"}}});
  expect_same_pod(pod.dump());
  pod.erase("status");
  pod["spec"].erase("nodeName");
  expect_same_pod(pod.dump());
}

// By Patroni's own word, in the pod and in what its members share.
TEST(Facts, OfAStandbySayThatItFollowsAnother) {
  k8s::JsonReader reader;
  json pod = json::parse(recorded("pods").front());
  json& status = pod["metadata"]["annotations"]["status"];
  for (const bool follows : {true, false}) {
    status = json({{"role", follows ? "standby_leader" : "primary"}, {"state", "running"}}).dump();
    expect_same_pod(pod.dump());
    const Result<PodView> view = read_pod_view(reader, pod.dump());
    ASSERT_TRUE(view);
    EXPECT_EQ(view->fact.standby_leader, follows);
  }
  const std::pair<json, bool> configurations[] = {
      {{{"standby_cluster", {{"host", "h"}}}}, true},
      {{{"standby_cluster", {{"host", "h"}}}, {"annals_keep_timeline", "3"}}, true},
      {{{"standby_cluster", {{"restore_command", "c"}}}}, true},
      {{{"standby_cluster", {{"create_replica_methods", json::array()}}}}, false},
      {{{"standby_cluster", nullptr}}, false},
      {{{"ttl", 30}}, false}};
  for (const auto& [configuration, follows] : configurations) {
    const json store = {{"metadata",
                         {{"name", "hippo-ha-config"},
                          {"namespace", "n"},
                          {"uid", "u"},
                          {"annotations", {{"config", configuration.dump()}}}}}};
    expect_same_owned(store.dump(), "Endpoints");
    const Result<OwnedView> view = read_owned_view(reader, with_kind(store.dump(), "Endpoints"));
    ASSERT_TRUE(view);
    EXPECT_EQ(view->fact.fields.patroni->standby.has_value(), follows) << configuration.dump();
    EXPECT_EQ(view->fact.fields.patroni->kept.value_or(""),
              configuration.value("annals_keep_timeline", ""));
  }
}

TEST(Facts, OfJobsThatEndedAreTheSameAsEver) {
  const json metadata = {{"name", "j"}, {"namespace", "n"}, {"uid", "u"}};
  // SuccessCriteriaMet and FailureTarget say that the end is near, and are none.
  for (const char* type :
       {"Complete", "Failed", "Suspended", "SuccessCriteriaMet", "FailureTarget"}) {
    for (const char* status : {"True", "False"}) {
      json condition = {{"type", type}, {"status", status}};
      const auto job = [&] {
        return json{{"metadata", metadata}, {"status", {{"conditions", json::array({condition})}}}};
      };
      expect_same_owned(job().dump(), "Job");
      condition["message"] = "it did not";
      expect_same_owned(job().dump(), "Job");
    }
  }
}

TEST(Facts, OfJobsThatMakeBackupsSayWhichAndHowFar) {
  const std::string prefix = "postgres-operator.crunchydata.com/pgbackrest-";
  const json status = {{"startTime", "2026-01-31T08:05:00Z"},
                       {"completionTime", "2026-01-31T08:06:00Z"},
                       {"active", 1},
                       {"succeeded", 2},
                       {"failed", 3}};
  json job = {{"metadata", {{"name", "j"}, {"namespace", "n"}, {"uid", "u"}}}, {"status", status}};
  const auto fields = [&job] {
    k8s::JsonReader reader;
    return *read_owned_view(reader, job.dump())->fact.fields.job;
  };
  expect_same_owned(job.dump(), "Job");
  const fsm::JobFields of_others{
      .start_time = "2026-01-31T08:05:00Z", .active = 1, .succeeded = 2, .failures = 3};
  EXPECT_EQ(fields(), of_others) << "whether they have a pod";
  job["metadata"]["labels"] = {{prefix + "cronjob", "full"}, {prefix + "repo", "repo1"}};
  expect_same_owned(job.dump(), "Job");
  fsm::JobFields scheduled = of_others;
  scheduled.schedule = "full";
  scheduled.repo = "repo1";
  scheduled.completion_time = "2026-01-31T08:06:00Z";
  EXPECT_EQ(fields(), scheduled);
  job["metadata"]["labels"].erase(prefix + "cronjob");
  job["metadata"]["labels"][prefix + "backup"] = "missing-wal";
  expect_same_owned(job.dump(), "Job");
  scheduled.schedule.reset();
  EXPECT_EQ(fields(), scheduled) << "what is read after it";
  job["metadata"]["labels"].erase(prefix + "backup");
  job["metadata"]["annotations"] = {{prefix + "backup", "monday"}};
  expect_same_owned(job.dump(), "Job");
  EXPECT_EQ(fields().request, "monday");
  job.erase("status");
  expect_same_owned(job.dump(), "Job");
  const fsm::JobFields not_begun{.request = "monday", .repo = "repo1"};
  EXPECT_EQ(fields(), not_begun);
}

TEST(Facts, OfJobsThatRestoreSayForWhichAttempt) {
  const std::string prefix = "postgres-operator.crunchydata.com/pgbackrest-";
  json job = {{"metadata", {{"name", "j"}, {"namespace", "n"}, {"uid", "u"}}},
              {"status", {{"failed", 1}}}};
  const auto fields = [&job] {
    k8s::JsonReader reader;
    return *read_owned_view(reader, job.dump())->fact.fields.job;
  };
  job["metadata"]["annotations"] = {{prefix + "hash", "abc"}};
  expect_same_owned(job.dump(), "Job");
  EXPECT_EQ(fields(), fsm::JobFields()) << "Jobs of backups have this too";
  job["metadata"]["labels"] = {{prefix + "restore", ""}};
  expect_same_owned(job.dump(), "Job");
  EXPECT_EQ(fields(), (fsm::JobFields{.failures = 1, .restore = "abc"}));
  job["status"]["startTime"] = "2026-01-31T08:05:00Z";
  job["status"]["completionTime"] = "2026-01-31T08:06:00Z";
  expect_same_owned(job.dump(), "Job");
  EXPECT_EQ(fields().completion_time, "2026-01-31T08:06:00Z");
}

TEST(Facts, OfPodsThatRestoreSayHowTheyEnded) {
  const std::string message = "pgbackrest restore: exit status 75\npassword=canary";
  json pod = json::parse(recorded("pods").front());
  pod["metadata"]["labels"]["job-name"] = "hippo-pgbackrest-restore";
  pod["metadata"]["labels"].erase("postgres-operator.crunchydata.com/pgbackrest-backup");
  pod["status"]["containerStatuses"] =
      json::array({{{"name", "pgbackrest-restore"},
                    {"state", {{"terminated", {{"exitCode", 75}, {"message", message}}}}}}});
  const auto fact = [&pod] {
    k8s::JsonReader reader;
    return read_pod_view(reader, pod.dump())->fact;
  };
  expect_same_pod(pod.dump());
  EXPECT_EQ(fact().job, "") << "it is of another Job";
  EXPECT_FALSE(fact().end);
  pod["metadata"]["labels"]["postgres-operator.crunchydata.com/pgbackrest-restore"] = "";
  expect_same_pod(pod.dump());
  EXPECT_EQ(fact().job, "hippo-pgbackrest-restore");
  ASSERT_TRUE(fact().end);
  EXPECT_EQ(fact().end->exit_code, 75);
  EXPECT_TRUE(fact().end->message.starts_with("pgbackrest restore: exit status 75\n"));
  EXPECT_FALSE(fact().end->message.contains("canary"));
  pod["status"]["containerStatuses"][0]["state"] = {{"running", json::object()}};
  expect_same_pod(pod.dump());
  EXPECT_FALSE(fact().end);
}

TEST(Facts, TheWriterOfACommandIsTheActor) {
  json cluster = json::parse(recorded("postgresclusters").front());
  json& entries = cluster["metadata"]["managedFields"];
  const auto annotated = [&](const char* manager, const char* time, const std::string& name) {
    entries.push_back(
        {{"manager", manager},
         {"operation", "Update"},
         {"time", time},
         {"fieldsV1", {{"f:metadata", {{"f:annotations", {{"f:" + name, json::object()}}}}}}}});
    expect_same_cluster(cluster.dump());
    return reference::cluster_fact(cluster.dump()).actor.manager;
  };
  const std::string before = reference::cluster_fact(cluster.dump()).actor.manager;
  EXPECT_EQ(annotated("somebody", "2099-01-01T00:00:00Z", "example.com/note"), before);
  EXPECT_EQ(annotated("kubectl-annotate", "2099-01-02T00:00:00Z",
                      "postgres-operator.crunchydata.com/pgbackrest-backup"),
            "kubectl-annotate");
}

// A controller that has seen somebody's change writes status after it; the change is not its own.
TEST(Facts, NameWhoChangedAnObjectAndNotWhoWroteItsStatusSince) {
  json set = json::parse(recorded("statefulsets").front());
  const auto wrote = [&](const char* manager, const char* time, const char* field) {
    set["metadata"]["managedFields"].push_back({{"manager", manager},
                                                {"operation", "Update"},
                                                {"time", time},
                                                {"fieldsV1", {{field, {{"f:replicas", {}}}}}}});
  };
  wrote("argocd-controller", "2099-01-01T00:00:00Z", "f:spec");
  wrote("kube-controller-manager", "2099-01-01T00:00:00Z", "f:status");
  EXPECT_EQ(reference::owned_fact(set.dump()).actor.manager, "argocd-controller");
  expect_same_owned(set.dump(), "StatefulSet");
}

TEST(Facts, OfEverySortOfValueAreTheSameAsEver) {
  const json values = {{"text", "\"\\/\b\f\n\r\t\x01\x7f é漢字🐘"},
                       {"numbers", {0, -1, 1.5, 1e300, 0.1, 18446744073709551615U, -0.0}},
                       {"others", {true, false, nullptr, json::array(), json::object()}}};
  json cluster = json::parse(recorded("postgresclusters").front());
  cluster["spec"]["unknown"] = values;
  cluster["metadata"]["annotations"]["a"] = values["text"];
  cluster["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] = "{}";
  expect_same_cluster(cluster.dump());
  cluster["metadata"].erase("annotations");
  cluster.erase("spec");
  expect_same_cluster(cluster.dump());
  json map = json::parse(recorded("configmaps").front());
  const json entry = {{"manager", "annals"},
                      {"operation", "Apply"},
                      {"fieldsV1",
                       {{"f:all", json::object()},
                        {"f:list",
                         {{"k:{\"name\":\"b\"}", {{".", json::object()}, {"f:x", json::object()}}},
                          {"v:\"a\"", json::object()},
                          {"k:{\"name\":\"none\"}", json::object()}}}}}};
  map["all"] = values;
  map["list"] = json::array({"a", {{"name", "b"}, {"x", 1.25}, {"y", 2}}});
  map["metadata"]["managedFields"] = json::array({entry});
  expect_same_owned(map.dump(), "ConfigMap");
}

TEST(Facts, OfWhatIsNoObjectAreErrors) {
  k8s::JsonReader reader;
  for (const char* bad : {"", "{", "[]", "{}", R"({"metadata":{}})", R"({"metadata":{"name":7}})",
                          R"({"metadata":{"name":"a","uid":"u","managedFields":7}})"}) {
    EXPECT_FALSE(read_owned_view(reader, bad)) << bad;
  }
  EXPECT_FALSE(read_pod_view(reader, R"({"metadata":{"name":"a"}})"));
  EXPECT_FALSE(read_cluster_view(reader, R"({"metadata":{"name":"a","uid":"u"}})"))
      << "it has no namespace";
}

TEST(Facts, OfAClusterHaveTheRestoreThatItsStatusCallsFinished) {
  k8s::JsonReader reader;
  const auto restored = [&reader](const char* restore) {
    const std::string object = concat(
        R"({"metadata":{"name":"a","namespace":"n","uid":"u"},"status":{"pgbackrest":{"restore":)",
        restore, "}}}");
    const Result<ClusterView> view = read_cluster_view(reader, object);
    if (!view) return to_string(view.error());
    return concat(view->fact.restored, view->fact.restore_succeeded ? " succeeded" : "");
  };
  EXPECT_EQ(restored(R"({"id":"monday","finished":true})"), "monday");
  EXPECT_EQ(restored(R"({"id":"monday","finished":true,"failed":1})"), "monday");
  EXPECT_EQ(restored(R"({"id":"monday","finished":true,"succeeded":1})"), "monday succeeded");
  EXPECT_EQ(restored(R"({"id":"monday","finished":false,"active":1})"), "");
  EXPECT_EQ(restored(R"({"id":"monday"})"), "");
  EXPECT_EQ(restored("{}"), "");
}

TEST(Facts, OfAClusterHaveItsStanzasAndTheseAreNoNews) {
  k8s::JsonReader reader;
  const auto view_of = [&reader](bool is_created) {
    const json object = {
        {"metadata",
         {{"name", "a"},
          {"namespace", "n"},
          {"uid", "u"},
          {"resourceVersion", "1"},
          {"creationTimestamp", "2026-01-02T03:04:05Z"}}},
        {"status",
         {{"pgbackrest", {{"repos", {{{"name", "repo2"}, {"stanzaCreated", is_created}}}}}}}}};
    Result<ClusterView> view = read_cluster_view(reader, object.dump());
    EXPECT_TRUE(view);
    return *std::move(view);
  };
  const ClusterView before = view_of(false);
  const ClusterView after = view_of(true);
  EXPECT_EQ(after.created, "2026-01-02T03:04:05Z");
  EXPECT_TRUE(before.fact.stanzas.empty());
  EXPECT_EQ(after.fact.stanzas, std::set<std::string>{"repo2"});
  k8s::Fingerprint one;
  k8s::Fingerprint other;
  add_to(one, before);
  add_to(other, after);
  EXPECT_EQ(one.digest(), other.digest());
}

// Whoever may write a pod, an annotation or a resource chooses these texts. The journal refuses
// what looks like a secret, and nothing goes on without the journal.
TEST(Facts, HaveNothingThatTheJournalRefuses) {
  k8s::JsonReader reader;
  const std::string secret = "a://user:canary@host";
  const json reasons = {{"archive_command", {{"old_value", "x"}, {"new_value", secret}}}};
  const json member = {
      {"state", secret}, {"pending_restart", true}, {"pending_restart_reason", reasons}};
  const json other_writer = {{"manager", secret},
                             {"operation", "Update"},
                             {"time", "2026-01-02T00:00:00Z"},
                             {"fieldsV1", {{"f:spec", json::object()}}}};
  const json metadata = {
      {"name", "a"},
      {"namespace", "n"},
      {"uid", "u"},
      {"resourceVersion", "1"},
      {"annotations", {{"status", member.dump()}, {"initialize", secret}, {secret, "x"}}},
      {"labels", {{"postgres-operator.crunchydata.com/role", secret}}},
      {"managedFields", {other_writer}}};
  const json status = {
      {"phase", secret},
      {"conditions", {{{"type", "PodScheduled"}, {"status", "False"}, {"message", secret}}}}};
  const std::string object = json({{"metadata", metadata},
                                   {"spec", {{secret, 1}, {"nodeName", secret}}},
                                   {"status", status}})
                                 .dump();

  const Result<ClusterView> cluster = read_cluster_view(reader, object);
  ASSERT_TRUE(cluster) << to_string(cluster.error());
  const Result<PodView> pod = read_pod_view(reader, object);
  ASSERT_TRUE(pod) << to_string(pod.error());
  const Result<OwnedView> owned = read_owned_view(reader, object);
  ASSERT_TRUE(owned) << to_string(owned.error());
  EXPECT_EQ(cluster->fact.actor.manager, "a://user:********@host");
  EXPECT_EQ(pod->fact.pending_restart, "archive_command x -> a://user:********@host");
  for (const std::string& payload : {bytes(cluster->fact), bytes(pod->fact), bytes(owned->fact)}) {
    EXPECT_EQ(payload.find("canary"), std::string::npos) << payload;
    EXPECT_EQ(journal::find_secret(payload), "") << payload;
  }
}

}  // namespace
}  // namespace annals::lens
