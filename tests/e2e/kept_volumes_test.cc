// PersistentVolumes outlive their claims and come back: both by a selector, with the replica's; one
// by its name; and one that nobody asked for, which is told. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <sstream>
#include <string>
#include <vector>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kMoose = "moose";
constexpr const char* kFawn = "fawn";
constexpr const char* kStag = "stag";
constexpr const char* kClass = "kept-of-moose";  // no such object: nothing provisions for it
constexpr const char* kOfData = ",postgres-operator.crunchydata.com/role=pgdata";

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

class KeptVolumes : public Operator {
 protected:
  static void SetUpTestSuite() {
    clean();
    make_like_hippo(kMoose);
    await_settled(kMoose);
    await_streaming(kMoose, 1);
    superuser(kMoose, "create table notes (note text)");
    superuser(kMoose, "insert into notes values ('of the moose')");
    system_ = superuser(kMoose, kSystem);
    password_ = secret(kMoose, kMoose, "password");
    label_ = field(kMoose, ".status.pgbackrest.repos[0].contents.backups[0].label");
    volumes_ = volumes_of(kMoose);
    ASSERT_EQ(volumes_.size(), 2U);
    for (const std::string& volume : volumes_) {
      change_volume(volume, R"({"spec":{"persistentVolumeReclaimPolicy":"Retain"}})");
      must_kubectl("label pv " + volume + " keep=moose");
    }
  }
  static void TearDownTestSuite() { clean(); }
  // A free volume may be bound to anybody's claim.
  static void clean() {
    for (const char* cluster : {kMoose, kFawn, kStag}) remove(cluster);
    for (const std::string& volume :
         words_of(must_kubectl("get pv -l keep=moose -o jsonpath='{.items[*].metadata.name}'"))) {
      change_volume(volume, R"({"spec":{"persistentVolumeReclaimPolicy":"Delete"}})");
      must_kubectl("delete pv " + volume + " --ignore-not-found");
    }
  }

  static void change_volume(const std::string& volume, const std::string& merge_patch) {
    must_kubectl("patch pv " + volume + " --type merge --patch '" + merge_patch + "'");
  }
  // As `claims`, by the claims' names.
  static std::vector<std::string> volumes_of(const std::string& cluster) {
    return of_claims(cluster, "{.spec.volumeName}");
  }
  static std::vector<std::string> of_claims(const std::string& cluster, const std::string& path) {
    return words_of(
        must_kubectl("get pvc --sort-by .metadata.name -o jsonpath='{range .items[*]}" + path +
                     " {end}' -l postgres-operator.crunchydata.com/cluster=" + cluster + kOfData));
  }
  static void await_released(const std::string& volume) {
    await(
        "volume " + volume, 120s,
        [&] { return must_kubectl("get pv " + volume + " -o jsonpath={.status.phase}"); },
        "Released");
  }
  static void remove_and_release(const std::string& cluster) {
    const std::vector<std::string> volumes = volumes_of(cluster);
    remove(cluster);
    for (const std::string& volume : volumes) await_released(volume);
  }
  // One of sed's commands: `line` is the first of dataVolumeClaimSpec.
  static std::string claims_with(const std::string& line) {
    return "s/dataVolumeClaimSpec:/dataVolumeClaimSpec:\\n        " + line + "/";
  }
  static void expect_the_old_database(const std::string& cluster) {
    EXPECT_EQ(superuser(cluster, "select note from notes"), "of the moose");
    EXPECT_EQ(superuser(cluster, kSystem), system_) << "no initdb has been run";
    EXPECT_EQ(psql(cluster, "select 1"), "1") << "by the new cluster's own Secret";
  }

  static constexpr const char* kSystem = "select system_identifier from pg_control_system()";
  static std::string system_, password_, label_;
  static std::vector<std::string> volumes_;
};
std::string KeptVolumes::system_;
std::string KeptVolumes::password_;
std::string KeptVolumes::label_;
std::vector<std::string> KeptVolumes::volumes_;

TEST_F(KeptVolumes, ThatASelectorChoosesAreNotFreeWhileTheyKeepTheirClaimRef) {
  remove_and_release(kMoose);
  apply_like_hippo(kMoose, claims_with("selector: {matchLabels: {keep: moose}}"));
  await(
      "the remedy", 120s, [] { return conditions(kMoose); },
      AllOf(HasSubstr("no free PersistentVolume matches"), HasSubstr("spec.claimRef"),
            HasSubstr("spec.instances[0].dataVolumeClaimSpec.selector")));
  EXPECT_EQ(named("pods", kMoose, ",postgres-operator.crunchydata.com/instance"), "");
}

// Each claim gets one, whichever node Kubernetes has chosen for the pod meanwhile.
TEST_F(KeptVolumes, ThatASelectorChoosesComeBackWithTheReplicas) {
  const std::vector<std::string> claims = of_claims(kMoose, "{.metadata.name}");
  ASSERT_EQ(claims.size(), 2U);
  for (std::size_t i = 0; i < claims.size(); ++i)
    change_volume(volumes_[i],
                  R"({"spec":{"claimRef":{"name":")" + claims[i] +
                      R"(","namespace":"postgres-operator","uid":null,"resourceVersion":null}}})");
  await_ready(kMoose);
  await_backup(kMoose);
  await_settled(kMoose);
  await_streaming(kMoose, 1, 240s);
  EXPECT_EQ(volumes_of(kMoose), volumes_);
  expect_the_old_database(kMoose);
  EXPECT_NE(secret(kMoose, kMoose, "password"), password_);
  EXPECT_NE(field(kMoose, ".status.pgbackrest.repos[0].contents.backups[0].label"), label_);
  EXPECT_EQ(condition(kMoose, "DatabaseFound", "status"), "") << "it was asked for";
}

TEST_F(KeptVolumes, OneByItsNameIsAnotherClustersFirstInstance) {
  remove_and_release(kMoose);
  change_volume(volumes_[0], R"({"spec":{"claimRef":null}})");
  apply_like_hippo(kFawn,
                   "s/replicas: 2/replicas: 1/; " + claims_with("volumeName: " + volumes_[0]));
  await_ready(kFawn);
  await_backup(kFawn);
  await_settled(kFawn);
  EXPECT_EQ(volumes_of(kFawn), std::vector{volumes_[0]});
  expect_the_old_database(kFawn);
  EXPECT_EQ(condition(kFawn, "DatabaseFound", "status"), "") << "it was asked for";
}

TEST_F(KeptVolumes, OneThatNobodyAskedForIsTold) {
  change_volume(volumes_[1], R"({"spec":{"claimRef":null,"storageClassName":")" +
                                 std::string(kClass) + R"("}})");
  apply_like_hippo(kStag, "s/replicas: 2/replicas: 1/; " +
                              claims_with("storageClassName: " + std::string(kClass)));
  await_ready(kStag);
  await(
      "an Event about the database", 120s, [] { return events(kStag); },
      AllOf(HasSubstr("DatabaseFound"), HasSubstr("pgDataVolume")));
  await_condition(kStag, "DatabaseFound");
  await_backup(kStag);
  await_settled(kStag);
  expect_the_old_database(kStag);
  EXPECT_THAT(replay("timeline --cluster " + uid("postgrescluster stag")),
              HasSubstr("found-database"));
}

TEST_F(KeptVolumes, OneThatNobodyAskedForIsAskedForAfterwards) {
  const std::string before = pods_and_templates(kStag);
  patch(kStag, R"({"spec":{"dataSource":{"volumes":{"pgDataVolume":{"pvcName":")" +
                   of_claims(kStag, "{.metadata.name}").at(0) + R"("}}}}})");
  await(
      "the end of the condition", 120s, [] { return conditions(kStag); },
      Not(HasSubstr("DatabaseFound")));
  await_settled(kStag);
  EXPECT_EQ(pods_and_templates(kStag), before);
  change(kStag, R"({"op":"remove","path":"/spec/dataSource"})");
  await_settled(kStag);
  EXPECT_EQ(condition(kStag, "DatabaseFound", "status"), "");
  EXPECT_EQ(pods_and_templates(kStag), before);
  expect_verified();
}

}  // namespace
}  // namespace annals::e2e
