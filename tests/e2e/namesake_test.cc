// A cluster that is made anew as soon as its name is free, while Kubernetes still collects what its
// namesake has left: nothing of that is taken over. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

constexpr const char* kGnu = "gnu";

class Namesake : public Operator {
 protected:
  static void SetUpTestSuite() { make_like_hippo(kGnu); }
  static void TearDownTestSuite() { remove(kGnu); }

  // The name is free when the last finalizer has gone; not a moment later somebody takes it again.
  static void make_when_free() {
    const auto make = [] {
      apply_like_hippo(kGnu, "", "create");
      return std::string("made");
    };
    await("a postgrescluster gnu that is created", 240s, make, "made",
          {.looking = Looking::kKeen,
           .details = [] { return must_kubectl("get postgrescluster gnu -o yaml"); }});
  }
  static void replace() {
    const std::string before = uid("postgrescluster gnu");
    must_kubectl("delete postgrescluster gnu --wait=false");
    make_when_free();
    EXPECT_NE(uid("postgrescluster gnu"), before);
  }
  // What this cluster has, by the UID of its controller.
  static std::string owned_by_others() {
    const std::string own = uid("postgrescluster gnu");
    return must_kubectl(
        "get services,configmaps,secrets,serviceaccounts,roles,rolebindings,persistentvolumeclaims,"
        "statefulsets,cronjobs,jobs,poddisruptionbudgets -l "
        "postgres-operator.crunchydata.com/cluster=gnu -o json | jq -r '.items[] | "
        "select(.metadata.deletionTimestamp or (.metadata.ownerReferences | "
        "any(.uid != \"" +
        own + "\"))) | .kind + \"/\" + .metadata.name'");
  }
  // What the pods of Jobs that failed have said.
  static std::string failed_jobs() {
    return must_kubectl(
        "get pods -l postgres-operator.crunchydata.com/cluster=gnu --field-selector "
        "status.phase=Failed -o json | jq -r '.items[] | .metadata.name, "
        "(.status.containerStatuses[].state.terminated | .exitCode, .message)'");
  }
  static void hold_volume(const std::string& finalizers) {
    must_kubectl(
        "patch persistentvolumeclaim gnu-repo1 --type merge -p '{\"metadata\":{\"finalizers\":" +
        finalizers + "}}'");
  }
  static void expect_whole() {
    await_ready(kGnu);
    await_backup(kGnu);
    // Kubernetes collects a volume when the pod that used it has ended.
    await("what belongs to another gnu", 120s, owned_by_others, testing::IsEmpty());
    await_settled(kGnu);
    await_ready(kGnu);
    EXPECT_EQ(failed_jobs(), "") << "a repository host of another's certificates";
  }
};

TEST_F(Namesake, HasNothingOfTheOneBefore) {
  superuser(kGnu, "create table of_the_first ()");
  const std::string volume = uid("persistentvolumeclaim gnu-repo1");
  const std::string certificates = uid("secret gnu-pgbackrest");
  replace();
  replace();  // long before it is ready
  expect_whole();
  EXPECT_EQ(superuser(kGnu, "select to_regclass('of_the_first') is null"), "t");
  EXPECT_NE(uid("persistentvolumeclaim gnu-repo1"), volume);
  EXPECT_NE(uid("secret gnu-pgbackrest"), certificates);
}

// Nobody holds the name then: what the first one had is there when the second one comes, its volume
// until somebody else's finalizer lets it go.
TEST_F(Namesake, WaitsForWhatGoesWithoutOrder) {
  const std::string volume = uid("persistentvolumeclaim gnu-repo1");
  const std::string runner = uid("statefulset gnu-repo-host");
  hold_volume(R"(["example.com/held"])");
  must_kubectl("delete postgrescluster gnu --wait=false");
  patch(kGnu, R"({"metadata":{"finalizers":null}})");
  make_when_free();
  // What Holder (src/actions/ownership.h) says reaches the status.
  await("Progressing of gnu, which waits for a holder", 120s,
        [] { return condition(kGnu, "Progressing", "message"); },
        testing::AllOf(testing::HasSubstr("PersistentVolumeClaim/gnu-repo1"),
                       testing::AnyOf(testing::HasSubstr("belongs to owner"),
                                      testing::HasSubstr("is being deleted"))),
        {.details = [] { return conditions(kGnu); }});
  EXPECT_EQ(uid("persistentvolumeclaim gnu-repo1"), volume) << "it is held";
  hold_volume("null");
  expect_whole();
  EXPECT_NE(uid("persistentvolumeclaim gnu-repo1"), volume);
  EXPECT_NE(uid("statefulset gnu-repo-host"), runner);
}

}  // namespace
}  // namespace annals::e2e
