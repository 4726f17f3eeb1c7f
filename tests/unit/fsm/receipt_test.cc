// The receipt of a clean shutdown: made by a Job, told in the status, and withdrawn when the
// cluster takes writes again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <ranges>
#include <string>
#include <utility>

#include "base/concat.h"
#include "fsm/view/shutdown_receipt.h"
#include "manifests/pgbackrest/receipt_job.h"
#include "tests/unit/fsm/shut_down_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST_F(ShutDownCluster, HasItsReceiptInTheStatusWhenItsJobHasEnded) {
  shut_down();
  ASSERT_TRUE(has_job());
  EXPECT_THAT(manifest_of_job(), HasSubstr(instances_[0] + "-pgdata"));
  EXPECT_THAT(waits_for(), HasSubstr("to write the receipt of the shutdown"));
  job_succeeds();
  EXPECT_EQ(waits_for(), "");
  EXPECT_FALSE(has_job()) << "what it has said is known";
  EXPECT_THAT(status(), HasSubstr(R"("shutdownReceipt":{"checkpoint":"0/5000028",)"
                                  R"("end":"0/5000000","repositories":[],)"
                                  R"("systemIdentifier":"7301","time":"2026-01-02T00:00:00Z",)"
                                  R"("timeline":1})"));
  EXPECT_THAT(told("ShutdownReceiptWritten"),
              HasSubstr("its history ends at 0/5000000 of timeline 1"));
  world_.pass(24h);
  world_.tell(TimerFired{});
  EXPECT_EQ(jobs(), 1);
}

TEST_F(ShutDownCluster, WithoutADatabaseNeedsNone) {
  World fresh;
  SpecObserved never = spec(1, kShutdownAsked);
  never.finalized = true;
  fresh.start(never);
  EXPECT_FALSE(fresh.state().receipt);
  EXPECT_THAT(fresh.history(), Not(testing::Contains(concat("Job/", kReceiptJobName))));
}

TEST_F(ShutDownCluster, SaysWhyThereIsNoneOfAnUncleanEnd) {
  shut_down();
  job_fails(manifests::kNoCleanEnd, "pg_controldata says 'in production'");
  EXPECT_EQ(waits_for(), "");
  EXPECT_THAT(told("ShutdownReceiptFailed"), HasSubstr("pg_controldata says 'in production'"));
  EXPECT_THAT(told("ShutdownReceiptFailed"), HasSubstr("set spec.shutdown to false"));
  world_.pass(24h);
  world_.tell(TimerFired{});
  EXPECT_EQ(jobs(), 1) << "another one would say the same";
  EXPECT_THAT(status(), Not(HasSubstr("shutdownReceipt")));
  starts();
  EXPECT_THAT(waits_for(), Not(HasSubstr("receipt")));
  EXPECT_FALSE(world_.state().receipt);
}

TEST_F(ShutDownCluster, TriesAgainWithGrowingPauses) {
  shut_down();
  job_fails(1, "pg_controldata: no");
  EXPECT_THAT(waits_for(), HasSubstr("pg_controldata: no"));
  EXPECT_EQ(jobs(), 1);
  pass_pause(10s);
  EXPECT_EQ(jobs(), 2);
  job_fails(1, "pg_controldata: no");
  pass_pause(10s);
  EXPECT_EQ(jobs(), 2) << "the second pause is longer";
  pass_pause(10s);
  EXPECT_EQ(jobs(), 3);
  job_succeeds();
  EXPECT_EQ(waits_for(), "");
}

// An earlier one's pod would be taken for its own.
TEST_F(ShutDownCluster, WaitsForThePodOfTheLastAttempt) {
  shut_down();
  job_fails(1, "no");
  world_.pass(10s);
  world_.tell(TimerFired{});
  EXPECT_EQ(removals(), 1);
  EXPECT_EQ(jobs(), 1);
  pod_is_gone();
  EXPECT_EQ(jobs(), 2);
}

TEST_F(ShutDownCluster, TriesAgainWhereThePodIsGoneBeforeItWasRead) {
  shut_down();
  job_fails(1, "no");
  pass_pause(10s);
  ObjectObserved job = *receipt_job(world_.state());
  job.fields.job.edit().complete = true;
  world_.tell(job);
  EXPECT_THAT(waits_for(), HasSubstr("was deleted before it was read"));
  EXPECT_FALSE(world_.state().receipt->its);
}

TEST_F(ShutDownCluster, OfAnotherClusterHasNone) {
  shut_down();
  ASSERT_TRUE(has_job());
  PodObserved pod;
  pod.name = "stranger";
  pod.uid = "uid-of-stranger";
  pod.job = kReceiptJobName;
  pod.end = ContainerEnd{.exit_code = 0, .message = "receipt {}", .receipt = made()};
  pod.end->receipt->cluster = "elsewhere/hippo";
  world_.tell(pod);
  ObjectObserved job = *receipt_job(world_.state());
  job.fields.job.edit().complete = true;
  world_.tell(job);
  EXPECT_FALSE(world_.state().receipt->its);
}

TEST_F(ShutDownCluster, PutsItIntoEachStoreAndTriesTheOthersAgain) {
  shut_down(kTwoStores);
  EXPECT_THAT(manifest_of_job(), HasSubstr(R"("shutdown-receipt","1","2","--")"));
  job_succeeds("repo1 written\nrepo2 exit status 49: unable to connect\n");
  EXPECT_THAT(status(), HasSubstr(R"("repositories":["repo1"])")) << "it does not wait for repo2";
  EXPECT_THAT(waits_for(), HasSubstr("repository repo2 did not take it: exit status 49"));
  EXPECT_THAT(told("ShutdownReceiptFailed"), HasSubstr("repo2"));
  pass_pause(10s);
  EXPECT_THAT(manifest_of_job(), HasSubstr(R"("shutdown-receipt","2","--")"));
  job_succeeds("repo2 written\n");
  EXPECT_THAT(status(), HasSubstr(R"("repositories":["repo1","repo2"])"));
  EXPECT_EQ(waits_for(), "");
}

TEST_F(ShutDownCluster, StartsWhileTheJobRuns) {
  shut_down(kTwoStores);
  ASSERT_TRUE(has_job());
  change(spec(3, kTwoStores));
  EXPECT_FALSE(world_.state().stopped.contains(instances_[0])) << "it waits for nothing";
  EXPECT_FALSE(has_job());
  EXPECT_FALSE(world_.state().receipt);
  EXPECT_THAT(told("ShutdownReceiptVoid"), IsEmpty()) << "nobody was told of one";
  runs(instances_[0], "one");
  EXPECT_EQ(std::ranges::count(world_.history(), "receipt/repo1"), 1) << "it may have come so far";
  EXPECT_THAT(world_.state().stale_receipts, IsEmpty());
}

TEST_F(ShutDownCluster, WithdrawsItWhenThereIsAPrimary) {
  shut_down(kTwoStores);
  job_succeeds("repo1 written\nrepo2 written\n");
  pod_is_gone();
  world_.failures["receipt/repo2"] = "pgbackrest repo-put ended with exit status 49";
  change(spec(3, kTwoStores));
  EXPECT_THAT(status(), Not(HasSubstr("shutdownReceipt"))) << "at once";
  EXPECT_THAT(told("ShutdownReceiptVoid"), HasSubstr("does not hold any more"));
  EXPECT_EQ(std::ranges::count(world_.history(), "receipt/repo1"), 0) << "nobody leads";
  runs(instances_[0], "one");
  EXPECT_THAT(world_.state().stale_receipts, ElementsAre("repo2"));
  EXPECT_THAT(told("ShutdownReceiptNotWithdrawn"), HasSubstr("repository repo2 may still have"));
  EXPECT_EQ(world_.state().conditions.at("Ready").status, true);
  world_.failures.clear();
  world_.pass(1min);
  world_.tell(TimerFired{});
  EXPECT_THAT(world_.state().stale_receipts, IsEmpty());
}

// A process that is killed knows of its requests by the journal alone.
TEST_F(ShutDownCluster, GoesOnAfterAKillInEachStep) {
  const auto restart = [this] {
    world_.tell(OperatorStarted{.identity = "next", .state_carried_over = true});
    world_.tell(OperatorConfigured(*world_.state().config));
    world_.tell(Synced{});
  };
  world_.silent.insert(concat("Job/", kReceiptJobName));
  shut_down(kTwoStores);
  ASSERT_FALSE(has_job());
  world_.silent.clear();
  restart();
  ASSERT_TRUE(has_job()) << "it is asked for again";
  restart();
  job_succeeds("repo1 written\nrepo2 written\n");
  restart();
  EXPECT_EQ(waits_for(), "");
  EXPECT_THAT(status(), HasSubstr("shutdownReceipt"));
  world_.silent = {"receipt/repo1"};
  pod_is_gone();
  starts(kTwoStores);
  EXPECT_THAT(world_.state().stale_receipts, ElementsAre("repo1"));
  world_.silent.clear();
  restart();
  EXPECT_THAT(world_.state().stale_receipts, IsEmpty());
}

}  // namespace
}  // namespace annals::fsm
