// A deletion is undone: the volumes outlive their cluster, a new one of its name takes them up, and
// what nobody takes up goes when its time is over. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

constexpr const char* kOryx = "oryx";
constexpr const char* kDomain = "postgres-operator.crunchydata.com/";
constexpr const char* kRetention = "deleted-volume-retention";
constexpr const char* kTakeUp = "take-up-deleted";

class Deletion : public Operator {
 protected:
  static void SetUpTestSuite() {
    remove(kOryx);
    remove_claims();
    make_like_hippo(kOryx, annotated(kRetention, "7d"));
    await_settled(kOryx);
    await_streaming(kOryx, 1);
    superuser(kOryx, "create table notes (note text)");
    superuser(kOryx, "insert into notes values ('before the deletion')");
    deleted_ = uid("postgrescluster oryx");
    leader_ = primary(kOryx);
    claims_ = claims("{.metadata.name}:{.metadata.uid}");
  }
  static void TearDownTestSuite() {
    remove(kOryx);
    remove_claims();
  }

  // One of sed's commands.
  static std::string annotated(const std::string& name, const std::string& value) {
    return std::string("s|^metadata:|metadata:\\n  annotations: {") + kDomain + name + ": \\\"" +
           value + "\\\"}|";
  }
  static void remove_claims() {
    must_kubectl("delete pvc -l postgres-operator.crunchydata.com/cluster=oryx --ignore-not-found");
  }
  // The path's value for each claim, sorted by name.
  static std::string claims(const std::string& path, const std::string& selector = "") {
    return must_kubectl("get pvc -l postgres-operator.crunchydata.com/cluster=oryx" + selector +
                        " --sort-by .metadata.name -o jsonpath='{range .items[*]}" + path +
                        " {end}'");
  }
  static std::string kept() { return "," + std::string(kDomain) + "kept-for=" + deleted_; }
  // What is told of it is gone with it, but for the Events.
  static void delete_oryx() {
    must_kubectl("delete postgrescluster oryx --wait=true", 300s);
    await("pods of oryx", 120s, [] { return named("pods", kOryx); }, testing::IsEmpty());
  }

  static std::string deleted_, leader_, claims_;
};
std::string Deletion::deleted_;
std::string Deletion::leader_;
std::string Deletion::claims_;

TEST_F(Deletion, LeavesTheVolumesAndSaysHowToUndoIt) {
  delete_oryx();
  EXPECT_EQ(claims("{.metadata.name}:{.metadata.uid}", kept()), claims_);
  EXPECT_EQ(claims("{.metadata.ownerReferences}"), claims("", "")) << "nobody owns them";
  await(
      "the end of all else", 120s, [] { return named("secrets,services,configmaps", kOryx); },
      testing::IsEmpty());
  // "pod/NAME-0" led.
  EXPECT_THAT(claims("{.metadata.labels.postgres-operator\\.crunchydata\\.com/instance}="
                     "{.metadata.annotations.postgres-operator\\.crunchydata\\.com/"
                     "led-when-deleted}"),
              testing::HasSubstr(leader_.substr(4, leader_.size() - 6) + "=" + deleted_));
  EXPECT_THAT(must_kubectl("get events --field-selector reason=VolumesKept -o "
                           "jsonpath='{.items[*].message}{.items[*].note}'"),
              testing::AllOf(testing::HasSubstr(kTakeUp), testing::HasSubstr(deleted_)));
}

TEST_F(Deletion, ANamesakeWaitsForAnAnswerAndMakesNoDatabase) {
  apply_like_hippo(kOryx);
  await(
      "a question about the volumes", 120s, [] { return events(kOryx); },
      testing::AllOf(testing::HasSubstr("VolumesOfDeletedCluster"), testing::HasSubstr(deleted_),
                     testing::HasSubstr(kTakeUp)));
  EXPECT_EQ(named("statefulsets", kOryx), "");
  EXPECT_EQ(claims("{.metadata.name}:{.metadata.uid}"), claims_);
}

TEST_F(Deletion, IsUndoneByAnAnnotation) {
  annotate(kOryx, std::string(kTakeUp) + "=" + deleted_);
  await_ready(kOryx);
  await_backup(kOryx);
  await_settled(kOryx);
  await_streaming(kOryx, 1, 240s);
  EXPECT_EQ(claims("{.metadata.name}:{.metadata.uid}"), claims_) << "they are the same volumes";
  EXPECT_EQ(claims("{.metadata.name}", kept()), "");
  EXPECT_EQ(superuser(kOryx, "select note from notes"), "before the deletion");
  EXPECT_EQ(psql(kOryx, "select 1"), "1") << "by the new cluster's own Secret";
  superuser(kOryx, "insert into notes values ('after it')");
  EXPECT_EQ(
      must_kubectl("get pvc -l postgres-operator.crunchydata.com/cluster=oryx -o json | jq -r "
                   "'[.items[].metadata.ownerReferences[].uid] | unique | join(\" \")'"),
      uid("postgrescluster oryx"));
}

TEST_F(Deletion, WhatNobodyTakesUpGoesWhenItsTimeIsOver) {
  annotate(kOryx, std::string(kRetention) + "=60s");
  const std::string again = uid("postgrescluster oryx");
  delete_oryx();
  restart_the_operator();
  await(
      "the end of the volumes", 240s, [] { return claims("{.metadata.name}"); },
      testing::IsEmpty());
  EXPECT_THAT(replay("timeline --cluster " + again), testing::HasSubstr("remove-kept-volume"));
  expect_verified();
}

}  // namespace
}  // namespace annals::e2e
