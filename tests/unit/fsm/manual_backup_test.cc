#include "fsm/machines/manual_backup.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "base/concat.h"
#include "fsm/codec/state_codec.h"
#include "fsm/model/behaviour.h"
#include "fsm/text/sentence.h"
#include "fsm/view/backup_request.h"
#include "fsm/view/blockers.h"
#include "tests/unit/fsm/world.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr const char* kCondition = "PGBackRestManualBackupSuccessful";
constexpr const char* kManual = R"("manual":{"repoName":"repo1","options":["--type=full"]},)";

// A cluster whose first backup is made, and what people ask of it.
class BackupOnRequest : public testing::Test {
 protected:
  // `id` is the annotation's value, `manual` a part of spec.backups.pgbackrest.
  static SpecObserved asking(const std::string& id, const std::string& manual = kManual) {
    SpecObserved spec = World::hippo_with_backups();
    const std::string part = R"("pgbackrest":{)";
    spec.resource.insert(spec.resource.find(part) + part.size(), manual);
    if (!id.empty()) {
      const std::string metadata = R"("metadata":{)";
      spec.resource.insert(
          spec.resource.find(metadata) + metadata.size(),
          concat(R"("annotations":{"postgres-operator.crunchydata.com/pgbackrest-backup":")", id,
                 R"("},)"));
    }
    spec.actor.manager = "kubectl-annotate";
    return spec;
  }
  void run_with(const SpecObserved& spec) {
    world_.start(spec);
    world_.primary_is_ready();
    world_.patroni_stores("anything");
    world_.repository_host_is_ready();
    world_.job_ends("complete");  // the stanza
    world_.job_ends("complete");  // the first backup
  }
  // The Job of a request says so; its state may be told in between.
  void job_tells(JobFields fields, const std::string& id) {
    ObjectObserved job;
    job.ref = World::ref("Job", world_.job(), "batch/v1");
    job.uid = "uid-of-Job/" + world_.job();
    job.fields.job = std::move(fields);
    job.fields.job.edit().request = id;
    world_.tell(job);
  }
  std::ptrdiff_t jobs() const {
    std::vector<std::string> names = world_.history();
    std::erase_if(names, [](const std::string& target) { return !target.starts_with("Job/"); });
    std::ranges::sort(names);
    return std::ranges::unique(names).begin() - names.begin();
  }
  bool has_told(const std::string& reason) const {
    return std::ranges::count(world_.history(), "event/" + reason) > 0;
  }
  const ManualBackup& last() const { return *world_.state().manual_backup; }
  const Condition* condition() const {
    const auto found = world_.state().conditions.find(kCondition);
    return found == world_.state().conditions.end() ? nullptr : &found->second;
  }
  void repository_host_fails() {
    PodObserved pod = world_.state().pods.at("hippo-repo-host-0");
    pod.ready = false;
    world_.tell(pod);
  }
  // A process without a journal meets a cluster that was there before, and what is left of a Job.
  void meet(const SpecObserved& spec, const std::optional<ObjectObserved>& job = std::nullopt) {
    world_.tell(OperatorStarted{.identity = "test", .journal_reset = true});
    ObjectObserved store;
    store.ref = World::ref("Endpoints", "hippo-ha-config");
    store.uid = "uid-of-store";
    store.fields.patroni = {{.initialize = "8000000000000000001", .config = "anything"}};
    ObjectObserved runner;
    runner.ref = World::ref("StatefulSet", "hippo-instance1-abcd", "apps/v1");
    runner.uid = "uid-of-runner";
    runner.fields.instance = {{.set = "instance1"}};
    world_.tell(spec);
    world_.tell(store);
    world_.tell(runner);
    if (job) world_.tell(*job);
    world_.tell(OperatorConfigured{.version = "test",
                                   .name_space = "operators",
                                   .images = {{"RELATED_IMAGE_POSTGRES_15", "postgres:15"},
                                              {"RELATED_IMAGE_PGBACKREST", "pgbackrest"}},
                                   .behaviour = kBehaviour});
    world_.tell(Synced{});
    world_.primary_is_ready();
    world_.repository_host_is_ready();
  }
  // The one that is waited for; empty for none.
  std::string goal() const {
    const auto found = world_.state().blockers.find("manual-backup");
    return found == world_.state().blockers.end() ? "" : found->second.transition;
  }
  std::string reason_of(const std::string& transition) const {
    for (const Decision& decision : world_.decisions()) {
      if (decision.machine == "manual-backup" && decision.transition == transition)
        return sentence(decision.reason);
    }
    return {};
  }

  World world_;
};

TEST_F(BackupOnRequest, OneRequestMakesOneJobAndSaysHowItEnded) {
  run_with(asking(""));
  ASSERT_EQ(jobs(), 2);
  world_.tell(asking("monday"));
  EXPECT_EQ(jobs(), 3);
  EXPECT_TRUE(world_.job().starts_with("hippo-backup-")) << world_.job();
  EXPECT_EQ(condition(), nullptr);
  job_tells({.start_time = "2026-01-02T00:01:00Z", .active = 1}, "monday");
  EXPECT_EQ(last().phase, ManualBackupPhase::kRunning);
  EXPECT_EQ(world_.state().conditions.at("Progressing").reason, "ManualBackup");
  job_tells({.start_time = "2026-01-02T00:01:00Z",
             .completion_time = "2026-01-02T00:02:00Z",
             .succeeded = 1,
             .complete = true},
            "monday");
  EXPECT_EQ(last().phase, ManualBackupPhase::kSucceeded);
  ASSERT_NE(condition(), nullptr);
  EXPECT_TRUE(condition()->status);
  EXPECT_EQ(condition()->reason, "ManualBackupComplete");
  EXPECT_TRUE(has_told("ManualBackupComplete"));
  EXPECT_EQ(first_blocker(world_.state()), nullptr);
  world_.tell(asking("monday"));
  world_.pass(1h);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_EQ(jobs(), 3) << "it is answered";
}

TEST_F(BackupOnRequest, WhyNamesTheAnnotationAndItsWriter) {
  run_with(asking(""));
  world_.tell(asking("monday"));
  for (const char* transition : {"begin", "start-backup"}) {
    const std::string reason = reason_of(transition);
    EXPECT_NE(reason.find("postgres-operator.crunchydata.com/pgbackrest-backup=monday"),
              std::string::npos)
        << reason;
    EXPECT_NE(reason.find("kubectl-annotate (Update at 2026-01-02T00:00:00Z)"), std::string::npos)
        << reason;
  }
}

TEST_F(BackupOnRequest, TheManifestHasTheRequestTheRepositoryAndTheOptions) {
  run_with(asking(""));
  world_.tell_only(asking("monday"));
  std::string manifest;
  for (const Intent& intent : world_.asked()) {
    const auto* apply = std::get_if<ApplyObject>(&intent.action);
    if (apply != nullptr && apply->ref.kind == "Job") manifest = apply->manifest;
  }
  EXPECT_TRUE(manifest.contains("\"pgbackrest-backup\":\"monday\"") ||
              manifest.contains("/pgbackrest-backup\":\"monday\""))
      << manifest;
  EXPECT_TRUE(manifest.contains("--stanza=db --repo=1 --type=full")) << manifest;
}

TEST_F(BackupOnRequest, ARequestFromTheBeginningWaitsForTheFirstBackup) {
  run_with(asking("at-once"));
  EXPECT_EQ(jobs(), 3);
  EXPECT_EQ(last().id, "at-once");
  job_tells({.complete = true}, "at-once");
  EXPECT_TRUE(condition()->status);
}

TEST_F(BackupOnRequest, AFailedJobIsSaidToHaveFailedAndNotBegunAgain) {
  run_with(asking(""));
  world_.tell(asking("monday"));
  job_tells({.failures = 7, .failed = "Job has reached the specified backoff limit"}, "monday");
  ASSERT_NE(condition(), nullptr);
  EXPECT_FALSE(condition()->status);
  EXPECT_EQ(condition()->reason, "ManualBackupFailed");
  EXPECT_NE(sentence(condition()->message).find("backoff limit"), std::string::npos);
  EXPECT_TRUE(has_told("ManualBackupFailed"));
  world_.pass(24h);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_EQ(jobs(), 3);
  EXPECT_TRUE(world_.state().conditions.at("Ready").status);
  EXPECT_FALSE(world_.state().conditions.at("Progressing").status);
}

TEST_F(BackupOnRequest, ANewerRequestWaitsForTheRunningOneAndReplacesItsJob) {
  run_with(asking(""));
  world_.tell(asking("one"));
  const std::string first = world_.job();
  job_tells({.active = 1}, "one");
  world_.tell(asking("two"));
  EXPECT_EQ(jobs(), 3) << "one at a time";
  job_tells({.complete = true}, "one");
  EXPECT_EQ(jobs(), 4);
  EXPECT_NE(world_.job(), first);
  EXPECT_FALSE(world_.state().objects.contains(World::ref("Job", first, "batch/v1")));
  EXPECT_EQ(condition(), nullptr) << "of the newer one nothing is known yet";
  job_tells({.complete = true}, "two");
  EXPECT_TRUE(condition()->status);
  EXPECT_EQ(last().id, "two");
}

// Kubernetes begins those of schedules; of a Job that it has only just made nothing is known.
TEST_F(BackupOnRequest, WaitsForABackupOfASchedule) {
  run_with(asking(""));
  ObjectObserved scheduled;
  scheduled.ref = World::ref("Job", "hippo-repo1-full-29455555", "batch/v1");
  scheduled.uid = "uid-of-scheduled";
  world_.tell(scheduled);
  world_.tell(asking("monday"));
  EXPECT_EQ(goal(), "other-backups-ended");
  EXPECT_EQ(jobs(), 2);
  scheduled.fields.job = {{.schedule = "full", .repo = "repo1", .complete = true}};
  world_.tell(scheduled);
  EXPECT_EQ(jobs(), 3);
  EXPECT_EQ(goal(), "manual-backup-ended") << "it does not wait for itself";
}

TEST_F(BackupOnRequest, AfterARestartTheSameJobIsFollowed) {
  run_with(asking(""));
  world_.tell_only(asking("monday"));
  const std::string name = world_.job();
  world_.take_asked();
  world_.start(asking("monday"));
  world_.primary_is_ready();
  world_.patroni_stores("anything");
  world_.repository_host_is_ready();
  EXPECT_EQ(world_.job(), name) << "the intent was not carried out, and is asked for again";
  EXPECT_EQ(jobs(), 3);
  job_tells({.complete = true}, "monday");
  EXPECT_TRUE(condition()->status);
}

TEST_F(BackupOnRequest, AJobThatWasRemovedMeanwhileIsNotRunTwice) {
  run_with(asking(""));
  world_.tell(asking("monday"));
  job_tells({.active = 1}, "monday");
  world_.tell(ObjectGone{.ref = World::ref("Job", world_.job(), "batch/v1"),
                         .uid = "uid-of-Job/" + world_.job()});
  EXPECT_EQ(jobs(), 3);
  EXPECT_EQ(condition()->reason, "ManualBackupFailed");
  EXPECT_NE(sentence(condition()->message).find("pgbackrest info"), std::string::npos);
}

// ---- Requests that cannot be met

TEST_F(BackupOnRequest, WithoutTheManualSectionItSaysSoAndBeginsOnceItIsThere) {
  run_with(asking("", ""));
  world_.tell(asking("monday", ""));
  EXPECT_EQ(jobs(), 2);
  ASSERT_NE(condition(), nullptr);
  EXPECT_EQ(condition()->reason, "InvalidManualBackup");
  EXPECT_NE(sentence(condition()->message).find("spec.backups.pgbackrest.manual is missing"),
            std::string::npos);
  EXPECT_TRUE(has_told("InvalidManualBackup"));
  EXPECT_TRUE(world_.state().conditions.at("Ready").status);
  EXPECT_EQ(first_blocker(world_.state()), nullptr);
  world_.tell(asking("monday"));
  EXPECT_EQ(jobs(), 3);
  EXPECT_EQ(condition(), nullptr);
}

TEST_F(BackupOnRequest, ARepositoryThatDoesNotExistIsNamedWithThoseThatDo) {
  const std::string manual = R"("manual":{"repoName":"repo3"},)";
  run_with(asking("", manual));
  world_.tell(asking("monday", manual));
  EXPECT_EQ(jobs(), 2);
  ASSERT_NE(condition(), nullptr);
  EXPECT_EQ(condition()->reason, "InvalidBackupRepo");
  EXPECT_NE(sentence(condition()->message).find("choose from repo1"), std::string::npos);
  EXPECT_TRUE(has_told("InvalidBackupRepo"));
  EXPECT_TRUE(world_.state().conditions.at("Ready").status);
}

TEST_F(BackupOnRequest, OptionsThatTheOperatorAddsAreRefusedAndRetentionIsNot) {
  for (const char* options : {"--repo=2", "--type=full --repo 2", "--stanza=other"}) {
    spec::PostgresCluster cluster;
    cluster.spec.backups.emplace().pgbackrest.emplace().repos.emplace_back().name = "repo1";
    cluster.spec.backups->pgbackrest->manual = {.repo_name = "repo1", .options = {options}};
    EXPECT_STREQ(mistake_in_request(cluster).reason, "InvalidManualBackup") << options;
    cluster.spec.backups->pgbackrest->manual->options = {"--repo1-retention-full=2"};
    EXPECT_STREQ(mistake_in_request(cluster).reason, "");
  }
}

TEST_F(BackupOnRequest, ARequestThatIsTakenBackIsForgotten) {
  run_with(asking("", ""));
  world_.tell(asking("monday", ""));
  world_.tell(asking("", ""));
  EXPECT_EQ(condition(), nullptr);
  EXPECT_EQ(last(), ManualBackup());
  world_.tell(asking(""));
  EXPECT_EQ(jobs(), 2);
}

TEST_F(BackupOnRequest, ARequestWhoseRepositoryGoesBeforeItsJobIsRefused) {
  run_with(asking(""));
  repository_host_fails();
  world_.tell(asking("monday"));
  EXPECT_EQ(goal(), "repository-host-ready");
  world_.tell(asking("monday", R"("manual":{"repoName":"repo3"},)"));
  EXPECT_EQ(goal(), "");
  ASSERT_NE(condition(), nullptr);
  EXPECT_EQ(condition()->reason, "InvalidBackupRepo");
  world_.tell(asking("monday"));
  EXPECT_EQ(goal(), "repository-host-ready");
  EXPECT_EQ(condition(), nullptr);
}

// ---- What is waited for

TEST_F(BackupOnRequest, ARequestFromTheBeginningSaysThatItWaits) {
  world_.start(asking("at-once"));
  EXPECT_EQ(goal(), "first-backup-made");
  EXPECT_EQ(last().id, "at-once");
}

TEST_F(BackupOnRequest, EachGoalIsWaitedForByItsName) {
  run_with(asking(""));
  world_.tell_only(asking("monday"));
  EXPECT_EQ(goal(), "manual-backup-begun") << "until its Job is seen";
  world_.carry_out();
  EXPECT_EQ(world_.state().conditions.at("Progressing").reason, "ManualBackup");
  job_tells({.start_time = "2026-01-02T00:01:00Z", .active = 0}, "monday");
  EXPECT_EQ(goal(), "manual-backup-ended");
  world_.pass(61s);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_EQ(goal(), "manual-backup-has-pod");
  EXPECT_EQ(world_.state().conditions.at("Progressing").reason, "JobWithoutPod");
  job_tells({.failed = "Job has reached the specified backoff limit"}, "monday");
  EXPECT_EQ(goal(), "");
  EXPECT_NE(reason_of("give-up").find("backoff limit"), std::string::npos);
}

TEST_F(BackupOnRequest, AnotherRequestBeforeTheJobTakesThePlaceOfTheFirst) {
  run_with(asking(""));
  repository_host_fails();
  world_.tell(asking("one"));
  world_.tell(asking("two"));
  EXPECT_NE(reason_of("abandon").find("two"), std::string::npos);
  EXPECT_EQ(last().id, "two");
  world_.tell(asking(""));
  EXPECT_EQ(last(), ManualBackup());
  EXPECT_EQ(jobs(), 2);
}

// ---- What was there before this journal

TEST_F(BackupOnRequest, AnOldRequestWithoutAJobIsLeftAloneAfterALostJournal) {
  meet(asking("long ago"));
  world_.job_ends("complete");
  world_.job_ends("complete");
  EXPECT_EQ(jobs(), 2);
  EXPECT_NE(reason_of("leave").find("to another value"), std::string::npos);
  world_.tell(asking("now"));
  EXPECT_EQ(jobs(), 3);
}

TEST_F(BackupOnRequest, AnOldRequestsJobIsFollowedAfterALostJournalAndNotRunAgain) {
  ObjectObserved job;
  job.ref = World::ref("Job", "hippo-backup-left", "batch/v1");
  job.uid = "uid-of-left";
  job.fields.job = {{.request = "long ago", .active = 1}};
  meet(asking("long ago"), job);
  EXPECT_EQ(last().phase, ManualBackupPhase::kRunning);
  EXPECT_EQ(goal(), "manual-backup-ended");
  job.fields.job.edit().complete = true;
  world_.tell(job);
  EXPECT_EQ(last().phase, ManualBackupPhase::kSucceeded);
  EXPECT_EQ(last().job, "hippo-backup-left");
  EXPECT_EQ(jobs(), 1) << "the stanza's";
}

TEST_F(BackupOnRequest, IsPartOfASnapshot) {
  run_with(asking(""));
  world_.tell(asking("monday"));
  job_tells({.start_time = "2026-01-02T00:01:00Z", .active = 1}, "monday");
  const Result<DecodedSnapshot> decoded = decode_snapshot(encode_snapshot(world_.state()));
  ASSERT_TRUE(decoded) << to_string(decoded.error());
  EXPECT_EQ(decoded->state.manual_backup, world_.state().manual_backup);
}

}  // namespace
}  // namespace annals::fsm
