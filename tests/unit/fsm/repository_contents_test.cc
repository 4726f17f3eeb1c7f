// What a repository holds is read once, after each backup, and when a person asks.
#include "fsm/machines/repository_contents.h"

#include <gtest/gtest.h>

#include "tests/unit/fsm/restored_cluster.h"

namespace annals::fsm {
namespace {

class RepositoryContentsRead : public RestoredCluster {
 protected:
  void backup_is_complete(const std::string& job, const std::string& time,
                          const std::string& repo = "repo1") {
    ObjectObserved object;
    object.ref = World::ref("Job", job, "batch/v1");
    object.uid = "uid-of-" + job;
    object.fields.job = JobFields{.repo = repo, .completion_time = time, .complete = true};
    world_.tell(object);
  }
  void ask_to_read(const std::string& value) {
    SpecObserved asking = spec();
    const std::string metadata = R"("metadata":{"annotations":{)";
    const std::size_t at = asking.resource.find(metadata) + metadata.size();
    asking.resource.insert(
        at, concat(R"("postgres-operator.crunchydata.com/pgbackrest-info":")", value, "\""));
    world_.tell(asking);
  }
  std::ptrdiff_t readings() const { return asked("repository/repo1"); }
};

TEST_F(RepositoryContentsRead, OnceThereIsABackup) {
  EXPECT_EQ(readings(), 1);
  world_.tell(TimerFired{});
  EXPECT_EQ(readings(), 1);
}

TEST_F(RepositoryContentsRead, AfterEachBackup) {
  backup_is_complete("hippo-repo1-full-1", "2026-01-03T00:00:00Z");
  EXPECT_EQ(readings(), 2);
  EXPECT_EQ(reason_by("repository-contents"),
            "reading what repository repo1 holds: a backup was complete at 2026-01-03T00:00:00Z");
  backup_is_complete("hippo-repo1-full-1", "2026-01-03T00:00:00Z");
  backup_is_complete("hippo-repo1-full-0", "2026-01-02T12:00:00Z");
  backup_is_complete("hippo-repo2-full-1", "2026-01-04T00:00:00Z", "repo2");
  EXPECT_EQ(readings(), 2) << "nothing newer than was read";
}

TEST_F(RepositoryContentsRead, AfterTheFirstBackupThatARestoreMakes) {
  restore({.id = "monday"}, 2);
  const std::ptrdiff_t before = readings();
  world_.job_ends("complete");
  EXPECT_EQ(world_.state().backup.phase, BackupPhase::kDone);
  EXPECT_EQ(readings(), before + 1);
  EXPECT_EQ(
      reason_by("repository-contents"),
      "reading what repository repo1 holds: the first backup after restore monday is complete");
}

TEST_F(RepositoryContentsRead, WhenAPersonAsks) {
  ask_to_read("one");
  EXPECT_EQ(readings(), 2);
  ask_to_read("one");
  EXPECT_EQ(readings(), 2);
  ask_to_read("two");
  EXPECT_EQ(readings(), 3);
}

TEST_F(RepositoryContentsRead, NotWhileARestoreHasStoppedInstances) {
  restore_until_stopped({.id = "monday"});
  const std::ptrdiff_t before = readings();
  backup_is_complete("hippo-repo1-full-1", "2026-01-03T00:00:00Z");
  EXPECT_EQ(readings(), before);
}

}  // namespace
}  // namespace annals::fsm
