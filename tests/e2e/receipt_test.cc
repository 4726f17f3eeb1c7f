// The receipt of a clean shutdown, with a real S3 server (script/s3): what the status and the
// repository say is what PostgreSQL says when it runs again, and a start withdraws it. Wants
// script/demo to have run. SPDX-License-Identifier: Apache-2.0
#include <string>

#include "support/object_store.h"

namespace annals::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kHeron = "heron";

class ShutdownReceipt : public ObjectStore {
 protected:
  static void SetUpTestSuite() {
    remove(kHeron);
    start_store();
    apply_cluster(
        {.name = kHeron,
         .backups = access("1", "/heron/repo1") + "      repos: [" + bucket("repo1") + "]\n",
         .data_source = {}});
    await_open(kHeron);
    make_notes(kHeron);
  }
  static void TearDownTestSuite() {
    remove(kHeron);
    end_store();
  }

  static std::string receipt(const std::string& field) {
    return must_kubectl(
        std::string("get postgrescluster heron -o jsonpath='{.status.shutdownReceipt") + field +
        "}'");
  }
  static std::string jobs_pods() {
    return must_kubectl(
        "get pods -l job-name=heron-shutdown-receipt -o jsonpath='{.items[*].metadata.name}'");
  }
  static std::string in_repository() {
    return must_kubectl("exec " + primary(kHeron) +
                        " -c database -- pgbackrest repo-get --raw --log-level-file=off --repo=1 "
                        "annals/receipt.json");
  }
};

TEST_F(ShutdownReceipt, SaysWhatPostgreSqlSaysWhenItRunsAgain) {
  note(kHeron, "last");
  const std::string system = superuser(kHeron, "select system_identifier from pg_control_system()");
  const std::string timeline = superuser(kHeron, "select timeline_id from pg_control_checkpoint()");
  patch(kHeron, R"({"spec":{"shutdown":true}})");
  await("the receipt of heron", 300s, [] { return receipt(".repositories"); }, R"(["repo1"])",
        {.details = [] { return trouble(kHeron); }});
  EXPECT_EQ(receipt(".systemIdentifier"), system);
  EXPECT_EQ(receipt(".timeline"), timeline);
  EXPECT_THAT(events(kHeron), HasSubstr("ShutdownReceiptWritten"));
  await("the end of the Job's pod", 60s, jobs_pods, testing::IsEmpty());
  const std::string checkpoint = receipt(".checkpoint");
  const std::string end = receipt(".end");

  patch(kHeron, R"({"spec":{"shutdown":false}})");
  await_open(kHeron);
  EXPECT_EQ(receipt(""), "") << "it does not hold any more";
  EXPECT_EQ(notes(kHeron), "last");
  // A server that archives begins a segment with its last checkpoint.
  EXPECT_EQ(superuser(kHeron, "select '" + checkpoint + "'::pg_lsn - '" + end + "'::pg_lsn"), "40");
  EXPECT_EQ(superuser(kHeron, "select '" + end + "'::pg_lsn <= pg_current_wal_lsn()"), "t");
  await("the withdrawal", 180s, in_repository, HasSubstr(R"("withdrawn":true)"));
  EXPECT_THAT(in_repository(), Not(HasSubstr("checkpoint")));
}

}  // namespace
}  // namespace annals::e2e
