#include "lens/pod.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <tuple>

namespace annals::lens {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::Pair;

constexpr std::string_view kMeta =
    R"("metadata":{"name":"hippo-0","namespace":"pg","uid":"u-1",)"
    R"("resourceVersion":"77","generation":3,)"
    R"("labels":{"app":"x","postgres-operator.crunchydata.com/role":"master",)"
    R"("controller-revision-hash":"hippo-abc"},)"
    R"("annotations":{"status":"{\"conn_url\":\"x\",\"state\":\"running\",)"
    R"(\"role\":\"master\",\"timeline\":2,\"xlog_location\":XLOG}"},)"
    R"("ownerReferences":[{"uid":"o-1","controller":true,"kind":"StatefulSet"}]})";

std::string object(std::string_view rest, std::string xlog = "1") {
  std::string text = concat("{", kMeta, rest.empty() ? "" : ",", rest, "}");
  return text.replace(text.find("XLOG"), 4, xlog);
}

constexpr std::string_view kPodRest =
    R"("spec":{"nodeName":"n1","containers":[{"name":"database","image":"pg:)"
    R"(15"},{"name":"cert","image":"c"}]},)"
    R"("status":{"phase":"Running","podIP":"10.1.2.3","conditions":[{"type":)"
    R"("PodScheduled","status":"True"},{"type":"Ready","status":"False"}],)"
    R"("containerStatuses":[{"name":"cert","ready":false,"restartCount":4,)"
    R"("imageID":"sha","state":{"waiting":{"reason":"CrashLoopBackOff"}}},)"
    R"({"name":"database","ready":true,"restartCount":0,"state":{"running":{"startedAt":"t"}}}]})";

auto parts_of(const PodView& pod) {
  return std::make_tuple(pod.meta.key, pod.meta.labels, pod.fact);
}

// A field that a lens begins to read must go from the list of those that no lens reads.
TEST(PodLenses, SeeTheSameInAPodWithoutItsUnreadFields) {
  std::ifstream file(ANNALS_SOURCE_DIR "/tests/bench/pod.json");
  Json pod = Json::parse(file);
  pod["metadata"]["name"] = "hippo-0";
  pod["metadata"]["uid"] = "u-1";
  pod["metadata"]["managedFields"] = {
      {{"manager", "x"}, {"fieldsV1", {{"f:spec", Json::object()}}}}};
  pod["status"] = Json::parse(object(kPodRest))["status"];
  const std::string whole = pod.dump();
  std::string rest;
  k8s::ObjectScanner scanner(kUnreadOfPods);
  EXPECT_EQ(scanner.scan(whole, rest), whole.size());
  EXPECT_LT(rest.size(), whole.size() / 2);
  k8s::JsonReader reader;
  const PodView brief = read_pod_view(reader, rest).value();
  EXPECT_EQ(brief.fact.problem, "cert: CrashLoopBackOff");
  EXPECT_EQ(parts_of(brief), parts_of(read_pod_view(reader, whole).value()));
}

TEST(PodLens, ReadsWhatMachinesNeed) {
  k8s::JsonReader reader;
  const Result<PodView> read = read_pod_view(reader, object(kPodRest));
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(read->meta.key, (k8s::ObjectKey{"pg", "hippo-0", "u-1"}));
  EXPECT_EQ(read->meta.controller_uid, "o-1");
  EXPECT_THAT(read->meta.labels, ElementsAre(Pair("role", "master")));
  EXPECT_EQ(read->fact.revision, "hippo-abc");
  EXPECT_EQ(read->fact.phase, "Running");
  EXPECT_EQ(read->fact.node, "n1");
  EXPECT_FALSE(read->fact.ready);
  EXPECT_EQ(read->fact.problem, "cert: CrashLoopBackOff");
  EXPECT_EQ(read->fact.member, "running");
  EXPECT_EQ(read->fact.timeline, 2);
}

TEST(PodLens, TellsWhatTheSourceOfAStandbyLacks) {
  k8s::JsonReader reader;
  const auto problem = [&](std::string_view rest) {
    std::string text = object(rest);
    text.insert(text.find(R"("status":)"),
                R"("postgres-operator.crunchydata.com/standby-source-lacks":)"
                R"("it lacks password=canary\nand more",)");
    return read_pod_view(reader, text).value().fact.problem;
  };
  EXPECT_EQ(problem(R"("status":{"phase":"Running"})"), "it lacks password=******** and more");
  EXPECT_EQ(problem(kPodRest), "cert: CrashLoopBackOff");
}

TEST(PodLens, PatronisHeartbeatsAndResourceVersionsAreNoChange) {
  k8s::JsonReader reader;
  const PodView before = read_pod_view(reader, object(kPodRest)).value();
  std::string later = object(kPodRest, "4711");
  later.replace(later.find("\"77\""), 4, "\"78\"");
  const PodView after = read_pod_view(reader, later).value();
  EXPECT_NE(before.meta.resource_version, after.meta.resource_version);
  EXPECT_EQ(parts_of(before), parts_of(after));
  std::string other = object(kPodRest);
  other.replace(other.find("CrashLoop"), 9, "ImagePull");
  EXPECT_NE(parts_of(before), parts_of(read_pod_view(reader, other).value()));
}

// It may give the lock back without ever being promoted.
TEST(PodLens, WhoHoldsPatronisLockAndIsAReplicaYetIsAReplica) {
  k8s::JsonReader reader;
  std::string pod = object(kPodRest);
  EXPECT_EQ(read_pod_view(reader, pod)->fact.role, "master");
  const std::string role = R"(\"role\":\"master\")";
  pod.replace(pod.find(role), role.size(), R"(\"role\":\"replica\")");
  EXPECT_EQ(read_pod_view(reader, pod)->fact.role, "replica");
}

TEST(PodLens, AnUnreadableAnnotationOfThePodIsAbsent) {
  k8s::JsonReader reader;
  const Result<PodView> pod = read_pod_view(reader, object(kPodRest, "[[["));
  ASSERT_TRUE(pod) << to_string(pod.error());
  EXPECT_EQ(pod->fact.member, "");
}

TEST(PodLens, NeedsANameAndAUid) {
  k8s::JsonReader reader;
  EXPECT_FALSE(read_pod_view(reader, R"({"metadata":{"name":"a"}})"));
  EXPECT_FALSE(read_pod_view(reader, R"({"metadata":{"uid":"a"}})"));
}

// Of a Job that makes a receipt, whose pod ended like this.
fsm::PodObserved receipt_pod(const std::string& label, int exit_code, const std::string& message) {
  const Json pod = {
      {"metadata",
       {{"name", "hippo-x"},
        {"namespace", "pg"},
        {"uid", "u-1"},
        {"labels",
         {{"postgres-operator.crunchydata.com/cluster", "hippo"},
          {"postgres-operator.crunchydata.com/" + label, ""},
          {"job-name", "hippo-shutdown-receipt"}}},
        {"ownerReferences",
         {{{"uid", "o-1"}, {"controller", true}, {"kind", "Job"}, {"name", "a"}}}}}},
      {"status",
       {{"phase", "Succeeded"},
        {"containerStatuses",
         {{{"name", "shutdown-receipt"},
           {"state", {{"terminated", {{"exitCode", exit_code}, {"message", message}}}}}}}}}}};
  k8s::JsonReader reader;
  return read_pod_view(reader, pod.dump()).value().fact;
}

TEST(PodLens, ReadsTheReceiptThatAJobHasMade) {
  constexpr const char* kReceipt =
      R"({"checkpoint":"0/5000028","cluster":"pg/hippo","end":"0/5000000","receipt":1,)"
      R"("systemIdentifier":"7412345678901234567","time":"2026-01-31T08:05:00Z","timeline":1})";
  const std::string message = concat("receipt ", kReceipt, "\nrepo1 written\n");
  const fsm::PodObserved pod = receipt_pod("shutdown-receipt", 0, message);
  ASSERT_TRUE(pod.end && pod.end->receipt);
  EXPECT_EQ(pod.end->receipt->end_lsn, 0x5000000U);
  EXPECT_EQ(pod.end->receipt->cluster, "pg/hippo");
  EXPECT_EQ(pod.end->message, message);
  EXPECT_FALSE(receipt_pod("shutdown-receipt", 3, message).end->receipt) << "it has failed";
  EXPECT_FALSE(receipt_pod("restore-drill", 0, message).end->receipt) << "another Job";
  EXPECT_FALSE(receipt_pod("shutdown-receipt", 0, "receipt {}").end->receipt);
}

}  // namespace
}  // namespace annals::lens
