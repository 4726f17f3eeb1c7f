// What a new cluster takes from others, as the executor finds it on a real API server: another
// cluster's resource, a copy of its access, and volumes that were there before.
#include <gmock/gmock.h>

#include <string>

#include "base/concat.h"
#include "tests/integration/crds/own_server.h"
#include "tests/integration/crds/process.h"

namespace annals::e2e {
namespace {

using testing::HasSubstr;

class CloneSources : public OwnServer {
 protected:
  static void SetUpTestSuite() {
    OwnServer::SetUpTestSuite();
    kubectl_must("create namespace zoo");
  }

  static fsm::EnsureSecret copy_of(const std::string& from, const std::string& name) {
    return {
        .ref = {.api_version = "v1", .kind = "Secret", .name_space = "default", .name = name},
        .digest = "d",
        .recipe = manifests::CopiedSecret{
            .secret = {.name = name, .namespace_name = "default", .labels = {}, .annotations = {}},
            .from_namespace = "zoo",
            .from = from,
            .keys = {"one", "two"}}};
  }
  static json data_of(const std::string& name) {
    return json::parse(kubectl_must("get secret " + name + " -o json")).at("data");
  }
  static fsm::Outcome ask(fsm::Action action) {
    Process process(config());
    return process.run(std::move(action), false);
  }
};

TEST_F(CloneSources, ACopyHasTheKeysThatAreAskedForAndFollowsItsSource) {
  kubectl_must(
      "-n zoo create secret generic keys --from-literal one=1 --from-literal two=2 "
      "--from-literal three=3");
  fsm::Outcome outcome = ask(copy_of("keys", "copied"));
  EXPECT_EQ(outcome.status, fsm::OutcomeStatus::kDone) << outcome.detail;
  EXPECT_EQ(data_of("copied"), (json{{"one", "MQ=="}, {"two", "Mg=="}}));
  kubectl_must(R"(-n zoo patch secret keys --patch '{"stringData":{"one":"9"}}')");
  outcome = ask(copy_of("keys", "copied"));
  EXPECT_EQ(outcome.status, fsm::OutcomeStatus::kDone) << outcome.detail;
  EXPECT_EQ(data_of("copied").at("one"), "OQ==");
}

TEST_F(CloneSources, WhatIsNotThereIsNotCopied) {
  kubectl_must("-n zoo create secret generic half --from-literal one=1");
  for (const auto& [from, words] : {std::pair{"half", "Secret zoo/half has no key two"},
                                    std::pair{"none", "Secret zoo/none does not exist"}}) {
    const fsm::Outcome outcome = ask(copy_of(from, "not-copied"));
    EXPECT_EQ(outcome.status, fsm::OutcomeStatus::kFailed);
    EXPECT_THAT(outcome.detail, HasSubstr(words));
  }
  EXPECT_EQ(kubectl_must("get secret not-copied --ignore-not-found"), "");
}

// What a user projects for pgBackRest: a Secret or a ConfigMap as a whole, which may be missing.
TEST_F(CloneSources, WholeObjectsBecomeSecrets) {
  kubectl_must("-n zoo create configmap ca --from-literal ca.crt=text --from-literal more=1");
  fsm::EnsureSecret whole = copy_of("ca", "copied-ca");
  auto& recipe = std::get<manifests::CopiedSecret>(whole.recipe);
  recipe.keys.clear();
  recipe.of_config_map = true;
  fsm::Outcome outcome = ask(whole);
  EXPECT_EQ(outcome.status, fsm::OutcomeStatus::kDone) << outcome.detail;
  EXPECT_EQ(data_of("copied-ca"), (json{{"ca.crt", "dGV4dA=="}, {"more", "MQ=="}}));
  recipe.from = "missing";
  outcome = ask(whole);
  EXPECT_EQ(outcome.status, fsm::OutcomeStatus::kFailed);
  EXPECT_THAT(outcome.detail, HasSubstr("ConfigMap zoo/missing does not exist"));
  recipe.optional = true;
  outcome = ask(whole);
  EXPECT_EQ(outcome.status, fsm::OutcomeStatus::kDone) << outcome.detail;
}

TEST_F(CloneSources, WhereNoClusterIsNamedThePodAloneIsAsked) {
  const fsm::Outcome asked = ask(fsm::ReadSource{.digest = "d",
                                                 .name_space = {},
                                                 .cluster = {},
                                                 .pod = "hippo-reader-1a2b3c-0",
                                                 .container = "pgbackrest",
                                                 .repo = "repo1",
                                                 .stanza = "db",
                                                 .pod_namespace = "zoo"});
  ASSERT_TRUE(asked.source) << asked.detail;
  EXPECT_TRUE(asked.source->found);
  EXPECT_EQ(asked.contents.value().code, fsm::kRepositoryUnreadable);
  EXPECT_THAT(asked.contents.value().trouble, HasSubstr("hippo-reader-1a2b3c-0"));
}

TEST_F(CloneSources, AnotherClusterIsReadWhoseRepositoryHostDoesNotRun) {
  must(concat("sed 's/name: hippo/name: rhino/' examples/hippo.yaml | ", program(),
              "-n zoo apply -f -"));
  const auto read = [](const std::string& cluster) {
    return ask(fsm::ReadSource{.digest = "d",
                               .name_space = "zoo",
                               .cluster = cluster,
                               .pod = cluster + "-repo-host-0",
                               .container = "pgbackrest",
                               .repo = "repo1",
                               .stanza = "db"});
  };
  const fsm::Outcome there = read("rhino");
  ASSERT_TRUE(there.source) << there.detail;
  EXPECT_TRUE(there.source->found);
  EXPECT_THAT(there.source->resource, HasSubstr(R"("name":"rhino","namespace":"zoo")"));
  EXPECT_EQ(there.contents.value().code, fsm::kRepositoryUnreadable);
  EXPECT_THAT(there.contents.value().trouble, HasSubstr("rhino-repo-host-0"));
  const fsm::Outcome gone = read("tiger");
  ASSERT_TRUE(gone.source) << gone.detail;
  EXPECT_FALSE(gone.source->found);
  EXPECT_FALSE(gone.contents);
}

constexpr const char* kClaim = R"({"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":)"
                               R"({"name":"NAME","namespace":"default"UID},"spec":{"accessModes":)"
                               R"(["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}})";

std::string claim(const std::string& name, const std::string& uid) {
  std::string text = kClaim;
  text.replace(text.find("UID"), 3, uid.empty() ? "" : concat(R"(,"uid":")", uid, "\""));
  text.replace(text.find("NAME"), 4, name);
  return text;
}

// A claim that is adopted by its UID is never made anew, however late the request arrives.
TEST_F(CloneSources, AVolumeIsSeenAndAdoptedByItsUid) {
  must(concat("echo '", claim("old", ""), "' | ", program(), "apply -f -"));
  const std::string uid = kubectl_must("get pvc old -o jsonpath={.metadata.uid}");
  const fsm::Outcome seen = ask(fsm::ReadVolumes{.digest = "d", .claims = {"old", "none"}});
  EXPECT_TRUE(seen.volumes.at("old").found);
  EXPECT_EQ(seen.volumes.at("old").uid, uid);
  EXPECT_EQ(seen.volumes.at("old").owner_uid, "");
  EXPECT_FALSE(seen.volumes.at("none").found);
  const auto apply = [](const std::string& name, const std::string& manifest) {
    return ask(fsm::ApplyObject{.ref = {.api_version = "v1",
                                        .kind = "PersistentVolumeClaim",
                                        .name_space = "default",
                                        .name = name},
                                .digest = "d",
                                .manifest = manifest,
                                .guard = {}});
  };
  EXPECT_EQ(apply("old", claim("old", uid)).status, fsm::OutcomeStatus::kDone);
  const fsm::Outcome other = apply("old", claim("old", "11111111-1111-4111-8111-111111111112"));
  EXPECT_EQ(other.status, fsm::OutcomeStatus::kFailed) << other.detail;
  const fsm::Outcome gone = apply("gone", claim("gone", uid));
  EXPECT_EQ(gone.status, fsm::OutcomeStatus::kFailed) << gone.detail;
  EXPECT_EQ(kubectl_must("get pvc gone --ignore-not-found"), "");
}

}  // namespace
}  // namespace annals::e2e
