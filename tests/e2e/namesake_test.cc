// A cluster that is made anew as soon as its name is free, while Kubernetes still collects what its
// namesake has left: nothing of that is taken over. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

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
    EXPECT_TRUE(eventually(
        240s,
        [] {
          return run("sed 's/name: hippo/name: gnu/' examples/hippo.yaml | "
                     "script/cluster kubectl -n postgres-operator create -f -")
                     .status == 0;
        },
        Looking::kKeen))
        << must_kubectl("get postgrescluster gnu -o yaml");
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
  static std::string failed_jobs() {
    return must_kubectl(
        "get jobs -l postgres-operator.crunchydata.com/cluster=gnu -o json | jq -r '.items[] | "
        "select(.status.failed) | .metadata.name'");
  }
  // What Holder (src/actions/holder.h) says reaches the status.
  static bool waits_for_a_holder() {
    const std::string message = condition(kGnu, "Progressing", "message");
    return message.find("belongs to owner") != std::string::npos ||
           message.find("is being deleted") != std::string::npos;
  }
  static void expect_whole() {
    await_ready(kGnu);
    must_kubectl("wait --for condition=PGBackRestReplicaCreate postgrescluster/gnu --timeout 240s",
                 250s);
    // Kubernetes collects a volume when the pod that used it has ended.
    EXPECT_TRUE(eventually(120s, [] { return owned_by_others().empty(); })) << owned_by_others();
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

// Nobody holds the name then: all that the first one had is there when the second one comes.
TEST_F(Namesake, WaitsForWhatGoesWithoutOrder) {
  const std::string runner = uid("statefulset gnu-repo-host");
  must_kubectl("delete postgrescluster gnu --wait=false");
  must_kubectl(
      "patch postgrescluster gnu --type merge --patch '{\"metadata\":{\"finalizers\":null}}'");
  make_when_free();
  // Its volume stays until the pod that uses it has ended.
  EXPECT_TRUE(eventually(60s, waits_for_a_holder, Looking::kKeen))
      << condition(kGnu, "Progressing", "message");
  expect_whole();
  EXPECT_NE(uid("statefulset gnu-repo-host"), runner);
}

}  // namespace
}  // namespace annals::e2e
