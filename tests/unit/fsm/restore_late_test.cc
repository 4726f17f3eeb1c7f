// What a restore in place makes of requests and Jobs that are older than it thinks: they arrive
// late, or the journal is an older copy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fsm/view/restore_permit.h"
#include "fsm/view/restore_progress.h"
#include "tests/unit/fsm/restored_cluster.h"

namespace annals::fsm {
namespace {

TEST_F(RestoredCluster, WhatStandsThereFromTheBeginningIsNoRequest) {
  ClusterState met = world_.state();
  met.restore.reset();
  met.spec = asking({.id = "of-yesterday"});
  met.rendered.reset();
  Step made = step(std::move(met), {.seq = Sequence(1000),
                                    .time = world_.state().now,
                                    .epoch = Epoch(1),
                                    .input = TimerFired{}});
  ASSERT_TRUE(made.state.restore);
  EXPECT_EQ(made.state.restore->phase, RestorePhase::kAnswered);
  EXPECT_EQ(made.state.restore->id, "of-yesterday");
  EXPECT_TRUE(made.state.stopped.empty());
}

TEST_F(RestoredCluster, WhatTheStatusCallsFinishedIsNotDoneAgainByAnOlderJournal) {
  SpecObserved spec = asking({.id = "done-already"});
  spec.restored = "done-already";
  world_.tell(spec);
  EXPECT_EQ(operation(), "");
  spec = asking({.id = "another"});
  spec.restored = "done-already";
  world_.tell(spec);
  EXPECT_EQ(operation(), "restore");
}

// ---- A request to create a Job that arrives when nobody waits for it any more

TEST_F(RestoredCluster, AJobMayStartOnlyWhileItsPermitIsThere) {
  restore_until_stopped({.id = "monday"});
  ASSERT_EQ(permits().size(), 1U) << "of the archive Job";
  const std::string of_archive = permits().front();
  archive_succeeds();
  ASSERT_TRUE(is_there(kRestoreJob)) << waits_for();
  ASSERT_EQ(permits().size(), 1U);
  EXPECT_NE(permits().front(), of_archive);
  restore_succeeds();
  EXPECT_EQ(permits().size(), 0U);
  EXPECT_EQ(phase(), RestorePhase::kStarting) << waits_for();
}

TEST_F(RestoredCluster, APermitThatSomebodyDeletesIsWrittenAgain) {
  restore_until_touched({.id = "monday"});
  const ObjectObserved permit = *restore_permits(world_.state()).front();
  world_.tell(ObjectGone{.ref = permit.ref, .uid = permit.uid});
  EXPECT_EQ(permits(), std::vector<std::string>{permit.ref.name});
}

TEST_F(RestoredCluster, AJobThatComesAfterItsRestoreStopsNothingAndIsRemoved) {
  restore_until_touched({.id = "monday"});
  const ObjectObserved job = world_.state().objects.at(World::ref("Job", kRestoreJob, "batch/v1"));
  restore_succeeds();
  comes_up();
  ASSERT_FALSE(is_there(kRestoreJob));
  world_.tell(job);
  EXPECT_FALSE(stops_something());
  EXPECT_TRUE(may_run(world_.state(), leader()));
  EXPECT_THAT(reason_of("remove-late-job"), testing::HasSubstr("after its restore had ended"));
  EXPECT_FALSE(is_there(kRestoreJob));
}

// Its data directory is another one since then, and runs.
TEST_F(RestoredCluster, WhatTheStatusSaysHasSucceededIsNotGoneOnWithByAnOlderJournal) {
  world_.archives = false;
  ask({.id = "monday"});
  ASSERT_EQ(phase(), RestorePhase::kChecking) << waits_for();
  SpecObserved spec = asking({.id = "monday"});
  spec.restored = "monday";
  spec.restore_succeeded = true;
  world_.tell(spec);
  world_.archives = true;
  world_.tell(TimerFired{.name = "due"});
  EXPECT_EQ(operation(), "");
  EXPECT_EQ(phase(), RestorePhase::kSucceeded);
  EXPECT_TRUE(world_.state().stopped.empty());
  EXPECT_FALSE(world_.state().restored_from) << "nobody knows any more what it left";
}

}  // namespace
}  // namespace annals::fsm
