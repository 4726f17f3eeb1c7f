// Backups of a cluster whose repositories are in object stores, alone or beside a volume.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "tests/unit/fsm/with_restore_jobs.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kVolume = R"("volume":{"volumeClaimSpec":{"accessModes":["ReadWriteOnce"],)"
                                R"("resources":{"requests":{"storage":"1Gi"}}}})";
constexpr const char* kBucket = R"("s3":{"bucket":"b","endpoint":"s3.example.com","region":"r"})";

class StoreBackups : public WithRestoreJobs {
 protected:
  void open(const std::string& first, const std::string& second = {}) {
    SpecObserved spec = World::hippo();
    std::string repos = concat(R"({"name":"repo1",)", first, "}");
    if (!second.empty()) repos += concat(R"(,{"name":"repo2",)", second, "}");
    spec.resource.insert(spec.resource.size() - 2,
                         concat(R"(,"backups":{"pgbackrest":{"repos":[)", repos, "]}}"));
    world_.repositories["repo1"] = contents();
    world_.repositories["repo2"] = contents();
    world_.start(spec);
    world_.primary_is_ready();
    world_.patroni_stores("anything");
  }
  std::string last_job() const {
    for (const Intent& intent : world_.carried_out() | std::views::reverse) {
      const auto* apply = std::get_if<ApplyObject>(&intent.action);
      if (apply != nullptr && apply->ref.kind == "Job") return apply->manifest;
    }
    return {};
  }
  std::ptrdiff_t looks(const std::string& repo) const { return asked("repository/" + repo); }
  void after(Duration time) {
    world_.pass(time);
    world_.tell(TimerFired{});
  }
};

TEST_F(StoreBackups, ABucketAloneWaitsForNoRepositoryHost) {
  open(kBucket);
  EXPECT_THAT(last_job(), AllOf(HasSubstr("exec pgbackrest stanza-create --stanza=db --config="),
                                HasSubstr("pgbackrest_cloud.conf")));
  world_.job_ends("complete");
  EXPECT_THAT(last_job(), HasSubstr("exec pgbackrest backup --stanza=db --repo=1"));
  world_.job_ends("complete");
  EXPECT_EQ(world_.state().backup.phase, BackupPhase::kDone);
  EXPECT_EQ(condition("PGBackRestRepoHostReady"), nullptr);
  EXPECT_THAT(world_.status, AllOf(HasSubstr("repoOptionsHash"), Not(HasSubstr("repoHost"))));
}

// Only the host reaches the volume; the bucket, which is the first, needs none.
TEST_F(StoreBackups, ABucketBesideAVolumeIsBackedUpWithoutTheHost) {
  open(kBucket, kVolume);
  EXPECT_THAT(last_job(), AllOf(HasSubstr("stanza-create"), Not(HasSubstr("COMPARE_HASH"))));
  world_.job_ends("complete");
  EXPECT_THAT(last_job(), HasSubstr("exec pgbackrest backup --stanza=db --repo=1"));
  world_.repository_host_is_ready();
  world_.job_ends("complete");
  EXPECT_THAT(last_job(), AllOf(HasSubstr("stanza-create"), HasSubstr("COMPARE_HASH")));
}

TEST_F(StoreBackups, EveryRepositoryIsLookedAtRegularly) {
  open(kBucket, kVolume);
  world_.repository_host_is_ready();
  world_.job_ends("complete");
  world_.job_ends("complete");
  world_.job_ends("complete");
  EXPECT_EQ(looks("repo1"), 1);
  EXPECT_EQ(looks("repo2"), 1);
  const std::string status = world_.status;
  after(5min);
  EXPECT_EQ(looks("repo1"), 1);
  after(6min);
  EXPECT_EQ(looks("repo1"), 2);
  EXPECT_EQ(looks("repo2"), 2);
  EXPECT_EQ(world_.status, status) << "nothing new";
}

TEST_F(StoreBackups, ABucketThatCannotBeReadIsNamedUntilItCan) {
  open(kVolume, kBucket);
  world_.repository_host_is_ready();
  world_.job_ends("complete");
  world_.job_ends("complete");
  world_.job_ends("complete");
  EXPECT_EQ(condition("RepositoryUnreachable"), nullptr);
  world_.repositories["repo2"] = {.code = kRepositoryUnreadable, .trouble = "timeout"};
  after(11min);
  ASSERT_NE(condition("RepositoryUnreachable"), nullptr);
  EXPECT_THAT(sentence(condition("RepositoryUnreachable")->message),
              AllOf(HasSubstr("repo2, s3 bucket b at s3.example.com"), HasSubstr("timeout")));
  world_.repositories["repo2"] = contents();
  after(61s);
  EXPECT_EQ(condition("RepositoryUnreachable"), nullptr);
}

}  // namespace
}  // namespace annals::fsm
