// Secrets with keys and passwords in them, and statuses, as the executor writes them to a real API
// server: without a read before, and never over what stands there. An executor of its own stands
// for a process that has just started and remembers nothing.
#include <gmock/gmock.h>

#include <future>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/concat.h"
#include "tests/integration/crds/own_server.h"
#include "tests/integration/crds/process.h"

namespace annals::e2e {
namespace {

class EnsuringSecrets : public OwnServer {
 protected:
  static fsm::ObjectRef secret(const std::string& name) {
    return {.api_version = "v1", .kind = "Secret", .name_space = "default", .name = name};
  }
  static fsm::EnsureSecret user(const std::string& name) {
    return {
        .ref = secret(name),
        .digest = "d",
        .recipe = manifests::UserSecret{
            .secret = {.name = name, .namespace_name = "default", .labels = {}, .annotations = {}},
            .user = "hippo",
            .database = "hippo",
            .address = {.host = "hippo-primary.default.svc", .port = 5432},
            .pgbouncer = {}}};
  }
  static fsm::EnsureSecret authority(const std::string& name) {
    return {
        .ref = secret(name),
        .digest = "d",
        .recipe = manifests::RootAuthority{.secret = {.name = name,
                                                      .namespace_name = "default",
                                                      .labels = {},
                                                      .annotations = {},
                                                      .ownership = manifests::Ownership::kShared},
                                           .certificate_key = "root.crt",
                                           .private_key_key = "root.key",
                                           .common_name = "postgres-operator-ca"}};
  }
  static fsm::EnsureSecret certificate(const std::string& name, const std::string& signer) {
    return {
        .ref = secret(name),
        .digest = "d",
        .recipe = manifests::CertificateSecret{
            .secret = {.name = name, .namespace_name = "default", .labels = {}, .annotations = {}},
            .authority = signer,
            .leaves = {{.common_name = "hippo",
                        .dns_names = {"hippo"},
                        .server = true,
                        .files = {{.key = "tls.crt", .content = manifests::Content::kCertificate},
                                  {.key = "tls.key", .content = manifests::Content::kPrivateKey},
                                  {.key = "ca.crt", .content = manifests::Content::kAuthority}}}}}};
  }
  static json data_of(const std::string& name) {
    return json::parse(kubectl_must("get secret " + name + " -o json")).at("data");
  }
  static void expect_done(const fsm::Outcome& outcome) {
    EXPECT_EQ(outcome.status, fsm::OutcomeStatus::kDone) << outcome.detail;
  }
};

TEST_F(EnsuringSecrets, OneThatNoWatchKnowsIsMade) {
  Process process(config());
  expect_done(process.run(user("made"), false));
  EXPECT_TRUE(data_of("made").contains("password"));
}

TEST_F(EnsuringSecrets, WhatStandsIsNeverWrittenOverByWhoDoesNotKnowIt) {
  Process first(config());
  expect_done(first.run(user("kept"), false));
  expect_done(first.run(authority("kept-authority"), false));
  const json password = data_of("kept");
  const json keys = data_of("kept-authority");
  Process next(config());  // killed before it learnt that its write was done
  expect_done(next.run(user("kept"), false));
  expect_done(next.run(authority("kept-authority"), false));
  EXPECT_EQ(data_of("kept"), password);
  EXPECT_EQ(data_of("kept-authority"), keys);
}

TEST_F(EnsuringSecrets, APasswordOfAPersonStays) {
  kubectl_must("create secret generic brought --from-literal password=of-a-person");
  Process process(config());
  expect_done(process.run(user("brought"), false));
  EXPECT_EQ(data_of("brought").at("password"), "b2YtYS1wZXJzb24=");
}

TEST_F(EnsuringSecrets, OfTwoAtOnceOneMakesItAndTheOtherKeepsIt) {
  Process process(config());
  for (int round = 0; round < 5; ++round) {
    const std::string name = "race-" + std::to_string(round);
    std::future<fsm::Outcome> one = process.begin(user(name), false);
    std::future<fsm::Outcome> two = process.begin(user(name), false);
    const fsm::Outcome first = process.end(std::move(one));
    const fsm::Outcome second = process.end(std::move(two));
    expect_done(first);
    expect_done(second);
    EXPECT_EQ(first.uid, second.uid);
    // Who had to look kept what was there: both have seen the same content in the end.
    EXPECT_EQ(first.digest, second.digest);
  }
}

TEST_F(EnsuringSecrets, WhatManyShareIsWrittenOnceByTheFirstAndOnceForAllOthers) {
  Process process(config());
  std::vector<std::string> uids;
  std::vector<std::future<fsm::Outcome>> outcomes;
  for (int number = 10; number < 20; ++number) {
    uids.push_back(concat("111111", number, "-1111-4111-8111-111111111111"));
    outcomes.push_back(process.begin(authority("shared-by-many"), false, uids.back()));
  }
  std::set<std::uint64_t> versions;
  for (std::future<fsm::Outcome>& outcome : outcomes) {
    const fsm::Outcome ended = process.end(std::move(outcome));
    expect_done(ended);
    versions.insert(ended.version);
  }
  EXPECT_EQ(versions.size(), 2U);
  const json secret = json::parse(kubectl_must("get secret shared-by-many -o json"));
  std::vector<std::string> owners;
  for (const json& owner : secret.at("metadata").at("ownerReferences"))
    owners.push_back(owner.at("uid"));
  EXPECT_THAT(owners, testing::UnorderedElementsAreArray(uids));
}

TEST_F(EnsuringSecrets, CertificatesAreOfTheAuthorityThatStandsThereWhoeverRemembersIt) {
  Process first(config());
  expect_done(first.run(authority("signer"), false));
  expect_done(first.run(certificate("by-memory", "signer"), false));
  Process next(config());
  expect_done(next.run(certificate("by-reading", "signer"), false));
  EXPECT_EQ(data_of("by-memory").at("ca.crt"), data_of("signer").at("root.crt"));
  EXPECT_EQ(data_of("by-reading").at("ca.crt"), data_of("signer").at("root.crt"));
}

TEST_F(EnsuringSecrets, ACertificateWaitsForItsAuthority) {
  Process process(config());
  const fsm::Outcome outcome = process.run(certificate("too-early", "nobody"), false);
  EXPECT_EQ(outcome.status, fsm::OutcomeStatus::kFailed);
  EXPECT_NE(kubectl("get secret too-early").status, 0);
}

TEST_F(EnsuringSecrets, AStatusIsWrittenAlsoWhereTheVersionThatIsRememberedIsOld) {
  kubectl_must("create -f examples/hippo.yaml -n default");
  const std::string uid = kubectl_must("get postgrescluster hippo -o jsonpath={.metadata.uid}");
  Process process(config());
  const auto status = [](int generation) {
    return fsm::PatchStatus{
        .ref = {.api_version = "postgres-operator.crunchydata.com/v1beta1",
                .kind = "PostgresCluster",
                .name_space = "default",
                .name = "hippo"},
        .digest = "d",
        .manifest = json{{"apiVersion", "postgres-operator.crunchydata.com/v1beta1"},
                         {"kind", "PostgresCluster"},
                         {"metadata", {{"name", "hippo"}, {"namespace", "default"}}},
                         {"status", {{"observedGeneration", generation}}}}
                        .dump()};
  };
  expect_done(process.end(process.begin(status(1), true, uid)));
  expect_done(process.end(process.begin(status(2), true, uid)));
  kubectl_must("annotate postgrescluster hippo somebody=else");
  expect_done(process.end(process.begin(status(3), true, uid)));
  EXPECT_EQ(kubectl_must("get postgrescluster hippo -o jsonpath={.status.observedGeneration}"),
            "3");
}

}  // namespace
}  // namespace annals::e2e
