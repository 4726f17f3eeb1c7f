#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <tuple>

#include "k8s/lens/custom_resource.h"
#include "k8s/lens/network.h"
#include "k8s/lens/object.h"
#include "k8s/lens/pod.h"
#include "k8s/lens/pod_brief.h"
#include "k8s/lens/storage.h"
#include "k8s/lens/workload.h"

namespace annals::k8s {
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

template <class View>
Digest digest_of(const View& view) {
  Fingerprint fingerprint;
  add_to(fingerprint, view);
  return fingerprint.digest();
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
  ObjectScanner scanner(kUnreadOfPods);
  EXPECT_EQ(scanner.scan(whole, rest), whole.size());
  EXPECT_LT(rest.size(), whole.size() / 2);
  JsonReader reader;
  EXPECT_EQ(digest_of(read_pod(reader, rest).value()), digest_of(read_pod(reader, whole).value()));
  const PodBrief brief = read_pod_brief(reader, rest).value();
  const PodBrief full = read_pod_brief(reader, whole).value();
  EXPECT_EQ(brief.problem, "cert: CrashLoopBackOff");
  EXPECT_EQ(std::tie(brief.node, brief.phase, brief.ready, brief.problem, brief.meta.key),
            std::tie(full.node, full.phase, full.ready, full.problem, full.meta.key));
  EXPECT_EQ(brief.meta.labels, full.meta.labels);
}

TEST(PodLens, ReadsWhatMachinesNeed) {
  JsonReader reader;
  const Result<PodView> read = read_pod(reader, object(kPodRest));
  ASSERT_TRUE(read) << to_string(read.error());
  const PodView& pod = *read;
  EXPECT_EQ(pod.meta.key, (ObjectKey{"pg", "hippo-0", "u-1"}));
  EXPECT_EQ(pod.meta.controller_uid, "o-1");
  EXPECT_THAT(pod.meta.labels, ElementsAre(Pair("role", "master")));
  EXPECT_EQ(pod.role(), "master");
  EXPECT_EQ(pod.revision, "hippo-abc");
  EXPECT_EQ(pod.phase, "Running");
  EXPECT_EQ(pod.ip, "10.1.2.3");
  EXPECT_EQ(pod.node, "n1");
  EXPECT_TRUE(pod.scheduled);
  EXPECT_FALSE(pod.ready);
  ASSERT_EQ(pod.containers.size(), 2U);
  EXPECT_EQ(pod.containers[0].name, "database");
  EXPECT_TRUE(pod.containers[0].ready && pod.containers[0].running);
  EXPECT_EQ(pod.containers[1].image, "c");
  EXPECT_EQ(pod.containers[1].waiting_reason, "CrashLoopBackOff");
  EXPECT_EQ(pod.containers[1].restarts, 4);
  ASSERT_TRUE(pod.patroni);
  EXPECT_EQ(pod.patroni->state, "running");
  EXPECT_EQ(pod.patroni->timeline, 2);
}

TEST(PodLens, PatronisHeartbeatsAndResourceVersionsAreNoChange) {
  JsonReader reader;
  const PodView before = read_pod(reader, object(kPodRest)).value();
  std::string later = object(kPodRest, "4711");
  later.replace(later.find("\"77\""), 4, "\"78\"");
  const PodView after = read_pod(reader, later).value();
  EXPECT_NE(before.meta.resource_version, after.meta.resource_version);
  EXPECT_EQ(digest_of(before), digest_of(after));
  std::string other = object(kPodRest);
  other.replace(other.find("CrashLoop"), 9, "ImagePull");
  EXPECT_NE(digest_of(before), digest_of(read_pod(reader, other).value()));
}

TEST(PodLens, AnUnreadableAnnotationOfThePodIsAbsent) {
  JsonReader reader;
  const Result<PodView> pod = read_pod(reader, object(kPodRest, "[[["));
  ASSERT_TRUE(pod) << to_string(pod.error());
  EXPECT_FALSE(pod->patroni);
}

TEST(Lenses, NeedANameAndAUid) {
  JsonReader reader;
  EXPECT_FALSE(read_pod(reader, R"({"metadata":{"name":"a"}})"));
  EXPECT_FALSE(read_pod(reader, R"({"metadata":{"uid":"a"}})"));
  EXPECT_FALSE(read_object_view(reader, "{}"));
  EXPECT_FALSE(read_object_view(reader, R"({"metadata":{"name":7,"uid":"u"}})"));
  EXPECT_FALSE(read_object_view(reader, ""));
  EXPECT_FALSE(read_object_view(reader, R"({"metadata":{"name":"a","uid":"u"}} trailing)"));
}

TEST(WorkloadLens, ReadsSetsAndJobs) {
  JsonReader reader;
  const StatefulSetView set =
      read_stateful_set(
          reader, object(R"("spec":{"replicas":2},"status":{"observedGeneration":3,"replicas":2,)"
                         R"("readyReplicas":1,"updateRevision":"r2"})"))
          .value();
  EXPECT_EQ(set.replicas_wanted, 2);
  EXPECT_EQ(set.ready_replicas, 1);
  EXPECT_EQ(set.observed_generation, set.meta.generation);
  EXPECT_EQ(set.update_revision, "r2");
  const JobView job =
      read_job(reader,
               object(R"("status":{"failed":6,"conditions":[{"type":"Failed","status":"True",)"
                      R"("reason":"BackoffLimitExceeded"}]})"))
          .value();
  EXPECT_TRUE(job.failed_for_good);
  EXPECT_EQ(job.failure, "BackoffLimitExceeded");
}

TEST(StorageLens, ReadsRequestAndCapacity) {
  JsonReader reader;
  const VolumeClaimView claim =
      read_volume_claim(
          reader,
          object(R"("spec":{"resources":{"requests":{"storage":"2Gi"}},"volumeName":"pv1"},)"
                 R"("status":{"phase":"Bound","capacity":{"storage":"1Gi"},"conditions":[{)"
                 R"("type":"Resizing","status":"True"}]})"))
          .value();
  EXPECT_EQ(claim.requested, "2Gi");
  EXPECT_EQ(claim.capacity, "1Gi");
  EXPECT_THAT(claim.conditions, ElementsAre(Pair("Resizing", "True")));
}

TEST(NetworkLens, ReadsServicesAndEndpoints) {
  JsonReader reader;
  const ServiceView service =
      read_service(
          reader, object(R"("spec":{"type":"LoadBalancer","clusterIP":"10.0.0.9","ports":[{"port":)"
                         R"(5432,"nodePort":30001}]},)"
                         R"("status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}})"))
          .value();
  EXPECT_EQ(service.cluster_ip, "10.0.0.9");
  EXPECT_THAT(service.ingress, ElementsAre("192.0.2.1"));
  EXPECT_THAT(service.node_ports, ElementsAre("30001"));
  const EndpointsView endpoints =
      read_endpoints(reader,
                     R"({"metadata":{"name":"e","uid":"u","annotations":{"leader":"hippo-0",)"
                     R"("renewTime":"now","initialize":"7"}},)"
                     R"("subsets":[{"addresses":[{"ip":"10.1.2.3"}],"notReadyAddresses":[{)"
                     R"("ip":"10.1.2.4"}]}]})")
          .value();
  EXPECT_THAT(endpoints.patroni.annotations,
              ElementsAre(Pair("initialize", "7"), Pair("leader", "hippo-0")));
  EXPECT_THAT(endpoints.ready, ElementsAre("10.1.2.3"));
  EXPECT_THAT(endpoints.not_ready, ElementsAre("10.1.2.4"));
}

TEST(CustomResourceLens, KeepsTheSpecAndKnowsWhoWroteIt) {
  JsonReader reader;
  const Result<CustomResourceView> read = read_custom_resource(
      reader, R"({"metadata":{"name":"hippo","uid":"u","finalizers":["f"],)"
              R"("annotations":{"postgres-operator.crunchydata.com/trigger-switchover":)"
              R"("now","kubectl":"x"},"managedFields":[)"
              R"({"manager":"kubectl-edit","operation":"Update","time":"2026-01-02T00:)"
              R"(00:00Z","fieldsV1":{"f:spec":{}}},)"
              R"({"manager":"argocd","operation":"Apply","time":"2026-01-01T00:00:00Z",)"
              R"("fieldsV1":{"f:spec":{}}},)"
              R"({"manager":"annals","operation":"Apply","time":"2026-01-03T00:00:00Z",)"
              R"("fieldsV1":{"f:status":{}}}]},)"
              R"("spec":{"instances":[ {"replicas":2} ]},"status":{}})");
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(read->spec, R"({"instances":[ {"replicas":2} ]})");
  EXPECT_EQ(read->actor.manager, "kubectl-edit");
  EXPECT_EQ(read->annotations, R"({"postgres-operator.crunchydata.com/trigger-switchover":"now"})");
  EXPECT_THAT(read->finalizers, ElementsAre("f"));
}

}  // namespace
}  // namespace annals::k8s
