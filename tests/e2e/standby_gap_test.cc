// A standby whose link was down for so long that its source has removed the WAL that comes next: it
// says so and what helps, and goes on from the source's repository once that is named. Wants
// script/demo to have run. SPDX-License-Identifier: Apache-2.0
#include <string>

#include "support/object_store.h"

namespace annals::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kWalrus = "walrus";  // has a primary, and archives to the S3 server
constexpr const char* kSeal = "seal";      // streams from it, and has a repository of its own

class StandbyGap : public ObjectStore {
 protected:
  static void SetUpTestSuite() {
    for (const char* cluster : {kSeal, kWalrus}) remove(cluster);
    start_store();
    apply_cluster(
        {.name = kWalrus,
         .backups = access("1", "/walrus/repo1") + "      repos: [" + bucket("repo1") + "]\n",
         .data_source = {}});
    await_open(kWalrus);
    make_notes(kWalrus);
    note(kWalrus, "first");
    follow("standby: {host: walrus-primary.postgres-operator.svc}", "");
    await("the first row", 400s, [] { return notes(kSeal); }, "first",
          {.details = [] { return trouble(kSeal); }});
    await_settled(kSeal, 500s);
  }
  static void TearDownTestSuite() {
    for (const char* cluster : {kSeal, kWalrus}) remove(cluster);
    end_store();
  }

  // With the repository of walrus as its second one, if `more` has it.
  static void follow(const std::string& standby, const std::string& more) {
    const std::string access_to_it = more.empty() ? "" : access("2", "/walrus/repo1");
    must(
        "$KUBECTL -n postgres-operator apply -f - <<'YAML'\n"
        "apiVersion: postgres-operator.crunchydata.com/v1beta1\nkind: PostgresCluster\n"
        "metadata: {name: seal}\nspec:\n  postgresVersion: " +
        postgres_version() + "\n  instances: [{name: instance1, dataVolumeClaimSpec: " + kClaim +
        "}]\n  " + standby + "\n  backups:\n    pgbackrest:\n      " + access_to_it +
        (more.empty() ? "" : "      ") +
        "repos: [{name: repo1, volume: {volumeClaimSpec: " + kClaim + "}}" + more + "]\nYAML");
  }
  static std::string standby(const std::string& what) { return condition(kSeal, "Standby", what); }
  static std::string in_segment() {
    return superuser(kWalrus, "select pg_walfile_name(pg_current_wal_lsn())");
  }
};

TEST_F(StandbyGap, OfRemovedWalIsToldWithTheSegmentAndWhatHelps) {
  follow("standby: {host: nowhere.invalid}", "");
  await("that nothing comes", 120s, [] { return standby("reason"); }, "Silent");
  await(
      "what the source says", 120s, [] { return standby("message"); },
      HasSubstr("nowhere.invalid:5432 does not answer"));
  const std::string segment = in_segment();
  // More than wal_keep_size.
  for (int i = 0; i < 14; ++i) {
    note(kWalrus, std::to_string(i));
    switch_wal(kWalrus);
    superuser(kWalrus, "checkpoint");
  }
  note(kWalrus, "last");
  await_archived(kWalrus, switch_wal(kWalrus));
  follow("standby: {host: walrus-primary.postgres-operator.svc}", "");
  await("what the source has removed", 180s, [] { return standby("message"); },
        AllOf(HasSubstr("walrus-primary.postgres-operator.svc:5432 has removed WAL segment " +
                        segment),
              HasSubstr("Set spec.standby.repoName to a repository that has that WAL")),
        {.details = [] { return trouble(kSeal); }});
}

TEST_F(StandbyGap, EndsOnceTheRepositoryOfItsSourceIsNamed) {
  follow("standby: {host: walrus-primary.postgres-operator.svc, repoName: repo2}",
         ", " + bucket("repo2"));
  await("the last row", 300s, [] { return notes(kSeal).contains("last") ? "last" : notes(kSeal); },
        "last", {.details = [] { return trouble(kSeal); }});
  await("how it follows", 180s, [] { return field(kSeal, ".status.standby.state"); }, "Streaming",
        {.details = [] { return trouble(kSeal); }});
  note(kWalrus, "by streaming");
  await(
      "the row by streaming", 60s,
      [] { return std::to_string(notes(kSeal).contains("by streaming")); }, "1");
  expect_verified();
}

}  // namespace
}  // namespace annals::e2e
