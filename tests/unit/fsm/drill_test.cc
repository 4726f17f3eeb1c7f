// Restore drills: when they begin, what becomes of their Job and volume, and what they prove.
#include "fsm/operations/drill.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fsm/codec/state_codec.h"
#include "fsm/view/verified_backup.h"
#include "tests/unit/fsm/restored_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kJob = "hippo-restore-drill";
constexpr const char* kCondition = "RestoreDrillSucceeded";
constexpr const char* kReport =
    "backup 20260101-220000F\ntimeline 1\nlsn 0/9000000\nstopped 2026-01-01 23:59:00+00\n"
    "checks wal,amcheck,rows,query,age,checksums\ndatabases 2\ntables 12\nrows 3456\nseconds 42\n"
    "age 17\nanswer 1 of 2\n";

class RestoreDrill : public RestoredCluster {
 protected:
  // Annotations by their names behind "restore-drill": {"", "monday"}, {"-schedule", "7d"}.
  using Annotations = std::map<std::string, std::string>;

  static SpecObserved annotated(const Annotations& annotations, const std::string& more = {}) {
    SpecObserved spec = asking({.id = "", .enabled = false, .more = more});
    std::string text;
    for (const auto& [name, value] : annotations)
      text += concat(text.empty() ? "" : ",", R"("postgres-operator.crunchydata.com/restore-drill)",
                     name, R"(":")", value, R"(")");
    const std::string place = R"("annotations":{)";
    spec.resource.insert(spec.resource.find(place) + place.size(), text);
    return spec;
  }
  void drill_for(const Annotations& annotations) { world_.tell(annotated(annotations)); }

  const Drill& drill() const { return *world_.state().drill; }
  bool has_volume() const {
    return world_.state().objects.contains(World::ref("PersistentVolumeClaim", kJob));
  }
  void fails(std::int64_t exit_code, const std::string& message) {
    job_ends_with(kJob, ContainerEnd{.exit_code = exit_code, .message = message});
  }
  void succeeds() { job_succeeds(kJob, kReport); }
  // A Job that was deleted takes its pod along, and then the volume goes.
  void expect_nothing_left() {
    EXPECT_FALSE(is_there(kJob));
    EXPECT_TRUE(has_volume()) << "its pod may still use it";
    job_pod_ends(kJob);
    EXPECT_FALSE(has_volume());
  }
  std::string waits() const {
    const auto found = world_.state().blockers.find("restore-drill");
    return found == world_.state().blockers.end()
               ? ""
               : concat(found->second.transition, ": ", sentence(found->second.waits_for));
  }
  // Why the last one has begun.
  std::string begun_by() const {
    std::string reason;
    for (const Decision& decision : world_.decisions()) {
      if (decision.machine == "restore-drill" && decision.transition == "begin")
        reason = sentence(decision.reason);
    }
    return reason;
  }
  std::ptrdiff_t jobs() const { return asked(concat("Job/", kJob)); }
  bool has_told(const std::string& event) const { return asked("event/" + event) > 0; }
};

TEST_F(RestoreDrill, ProvesTheNewestBackupAndRemovesWhatItHasMade) {
  drill_for({{"", "monday"}, {"-query", "SELECT 1"}, {"-age-query", "SELECT now()"}});
  ASSERT_TRUE(is_there(kJob)) << waits();
  EXPECT_TRUE(has_volume());
  const std::string manifest = last_apply(kJob)->manifest;
  EXPECT_THAT(manifest,
              AllOf(HasSubstr("20260101-220000F"), HasSubstr("SELECT 1"), HasSubstr("SELECT now()"),
                    HasSubstr(R"("claimName":"hippo-restore)")));
  job_begins(kJob);
  EXPECT_THAT(waits(), HasSubstr("drill-ended: "));
  EXPECT_FALSE(world_.state().conditions.at("Progressing").status) << "it holds up nothing";
  succeeds();
  EXPECT_EQ(drill().phase, DrillPhase::kSucceeded);
  const VerifiedBackup& proof = world_.state().verified.at("repo1");
  EXPECT_EQ(proof.label, "20260101-220000F");
  EXPECT_EQ(proof.type, "full");
  EXPECT_EQ(proof.rows, 3456);
  EXPECT_EQ(proof.age, 17);
  EXPECT_EQ(proof.answer, "1 of 2");
  EXPECT_TRUE(condition(kCondition)->status);
  EXPECT_THAT(world_.status,
              AllOf(HasSubstr(R"("lastVerifiedBackup":{"answer":"1 of 2","checks":"wal,amcheck)"),
                    HasSubstr(R"("restoreDrill":{)"), HasSubstr(R"("id":"monday")")));
  EXPECT_TRUE(has_told("RestoreDrillSucceeded"));
  expect_nothing_left();
  EXPECT_EQ(jobs(), 2) << "made once and removed once";
}

TEST_F(RestoreDrill, OneValueIsOneDrillAndAnotherOneIsAnother) {
  drill_for({{"", "monday"}});
  succeeds();
  job_pod_ends(kJob);
  const std::ptrdiff_t before = jobs();
  drill_for({{"", "monday"}});
  EXPECT_EQ(jobs(), before);
  drill_for({{"", "tuesday"}});
  EXPECT_EQ(jobs(), before + 1);
  EXPECT_THAT(begun_by(), HasSubstr("=tuesday"));
}

TEST_F(RestoreDrill, SaysWhatWasWrongAndKeepsTheLastProof) {
  drill_for({{"", "monday"}});
  succeeds();
  job_pod_ends(kJob);
  drill_for({{"", "tuesday"}});
  fails(3, "pg_amcheck: exit status 2\nindex \"k_pkey\" lacks a row");
  EXPECT_EQ(condition(kCondition)->reason, "DamageFound");
  EXPECT_THAT(sentence(condition(kCondition)->message), HasSubstr("k_pkey"));
  EXPECT_TRUE(has_told("RestoreDrillFailed"));
  EXPECT_EQ(world_.state().verified.at("repo1").rows, 3456);
  expect_nothing_left();
  drill_for({{"", "wednesday"}});
  fails(4, "the query failed in database hippo");
  EXPECT_EQ(condition(kCondition)->reason, "QueryFailed");
  job_pod_ends(kJob);
  drill_for({{"", "thursday"}});
  fails(1, "pgbackrest restore: exit status 29");
  EXPECT_EQ(condition(kCondition)->reason, "RestoreFailed");
}

TEST_F(RestoreDrill, IsMadeEverySoOften) {
  drill_for({{"-schedule", "7d"}});
  ASSERT_TRUE(is_there(kJob)) << "none was made yet";
  succeeds();
  job_pod_ends(kJob);
  const std::ptrdiff_t before = jobs();
  world_.pass(6 * 24h);
  world_.tell(TimerFired{});
  EXPECT_EQ(jobs(), before);
  EXPECT_TRUE(next_due(world_.state()).has_value());
  world_.pass(24h);
  world_.tell(TimerFired{});
  EXPECT_EQ(jobs(), before + 1);
  EXPECT_THAT(begun_by(), HasSubstr("restore-drill-schedule=7d"));
}

TEST_F(RestoreDrill, AMistakeIsToldWithItsRemedyAndNothingBegins) {
  for (const Annotations& wrong :
       std::vector<Annotations>{{{"-schedule", "weekly"}},
                                {{"-schedule", "30s"}},
                                {{"", "monday"}, {"-repo", "repo3"}},
                                {{"", "monday"}, {"-query", std::string(5000, 'x')}}}) {
    drill_for(wrong);
    ASSERT_NE(condition(kCondition), nullptr);
    EXPECT_EQ(condition(kCondition)->reason, "InvalidRestoreDrill");
    EXPECT_FALSE(is_there(kJob));
  }
  drill_for({{"", "monday"}, {"-repo", "repo3"}});
  EXPECT_THAT(sentence(condition(kCondition)->message),
              AllOf(HasSubstr("restore-drill-repo is repo3"), HasSubstr("choose from repo1")));
  EXPECT_TRUE(has_told("InvalidRestoreDrill"));
  drill_for({{"", "monday"}, {"-repo", "repo1"}});
  EXPECT_TRUE(is_there(kJob));
}

TEST_F(RestoreDrill, OfTheNewestBackupAndNoOlderOneThatIsSound) {
  RepositoryContents two = contents();
  two.backups.push_back(two.backups.front());
  two.backups.back().label = "20260101-230000F";
  two.backups.back().faulty = true;
  world_.repositories["repo1"] = two;
  drill_for({{"", "monday"}});
  EXPECT_FALSE(is_there(kJob));
  EXPECT_EQ(condition(kCondition)->reason, "DrillNotPossible");
  EXPECT_THAT(sentence(condition(kCondition)->message), HasSubstr("20260101-230000F"));
}

TEST_F(RestoreDrill, ARepositoryThatCannotBeReadIsAskedAgainAndThenToldAsAFailure) {
  world_.repositories["repo1"] = {.code = kRepositoryUnreadable, .trouble = "no route"};
  drill_for({{"", "monday"}});
  EXPECT_THAT(waits(), HasSubstr("repository repo1 to be readable: no route"));
  world_.pass(11min);
  world_.tell(TimerFired{});
  EXPECT_EQ(drill().phase, DrillPhase::kFailed);
  EXPECT_THAT(sentence(condition(kCondition)->message), HasSubstr("no route"));
}

TEST_F(RestoreDrill, AVolumeThatCannotBeMadeIsToldAsAFailure) {
  world_.failures[concat("PersistentVolumeClaim/", kJob)] = "exceeded quota";
  drill_for({{"", "monday"}});
  EXPECT_THAT(waits(), HasSubstr("exceeded quota"));
  world_.pass(11min);
  world_.tell(TimerFired{});
  EXPECT_EQ(drill().phase, DrillPhase::kFailed);
  EXPECT_THAT(sentence(condition(kCondition)->message), HasSubstr("exceeded quota"));
  EXPECT_FALSE(is_there(kJob));
}

TEST_F(RestoreDrill, AJobThatSomebodyDeletesIsAFailure) {
  drill_for({{"", "monday"}});
  job_begins(kJob);
  world_.tell(
      ObjectGone{.ref = World::ref("Job", kJob, "batch/v1"), .uid = concat("uid-of-Job/", kJob)});
  job_pod_ends(kJob);
  EXPECT_EQ(drill().phase, DrillPhase::kFailed) << waits();
  EXPECT_FALSE(has_volume());
}

TEST_F(RestoreDrill, ARestoreGoesFirstAndTheDrillBeginsAnewAfterIt) {
  drill_for({{"", "monday"}});
  job_begins(kJob);
  SpecObserved both = asking({.id = "back"});
  const std::string place = R"("annotations":{)";
  both.resource.insert(both.resource.find(place) + place.size(),
                       R"("postgres-operator.crunchydata.com/restore-drill":"monday",)");
  world_.tell(both);
  EXPECT_EQ(drill().phase, DrillPhase::kWaiting);
  expect_nothing_left();
  EXPECT_EQ(phase(), RestorePhase::kStopping);
}

TEST_F(RestoreDrill, AShutdownEndsItsJob) {
  drill_for({{"", "monday"}});
  job_begins(kJob);
  world_.tell(annotated({{"", "monday"}}, R"(,"shutdown":true)"));
  EXPECT_EQ(drill().phase, DrillPhase::kWaiting);
  expect_nothing_left();
}

TEST_F(RestoreDrill, ItsJobKeepsNoInstanceFromRunning) {
  drill_for({{"", "monday"}});
  job_begins(kJob);
  for (const std::string& instance : instances_)
    EXPECT_THAT(last_apply(instance)->manifest, HasSubstr(R"("replicas":1)"));
}

TEST_F(RestoreDrill, ObjectsThatALateRequestMakesAnewAreRemoved) {
  drill_for({{"", "monday"}});
  succeeds();
  job_pod_ends(kJob);
  for (const ObjectRef& ref :
       {World::ref("Job", kJob, "batch/v1"), World::ref("PersistentVolumeClaim", kJob)}) {
    ObjectObserved late;
    late.ref = ref;
    late.uid = "uid-of-late";
    if (ref.kind == "Job") late.fields.job = {{.restore = "anything"}};
    world_.tell(late);
    EXPECT_FALSE(world_.state().objects.contains(ref)) << ref.kind;
  }
  EXPECT_EQ(drill().phase, DrillPhase::kSucceeded);
}

TEST_F(RestoreDrill, AnotherProcessFollowsTheJobThatRuns) {
  drill_for({{"", "monday"}});
  job_begins(kJob);
  const std::ptrdiff_t before = jobs();
  world_.tell(OperatorStarted{.identity = "another", .state_carried_over = true});
  world_.tell(Synced{});
  EXPECT_EQ(jobs(), before);
  succeeds();
  EXPECT_EQ(drill().phase, DrillPhase::kSucceeded);
}

TEST_F(RestoreDrill, WhatTheStatusSaysOutlivesTheJournal) {
  SpecObserved spec = annotated({{"", "monday"}});
  spec.drilled = "monday";
  spec.verified["repo1"] = {
      .label = "20260101-220000F", .at = world_.state().now - 1h, .checks = "wal,rows"};
  world_.tell(spec);
  EXPECT_FALSE(is_there(kJob)) << "it was answered";
  EXPECT_EQ(world_.state().verified.at("repo1").checks, "wal,rows");
  EXPECT_TRUE(condition(kCondition)->status);
  drill_for({{"", "tuesday"}});
  EXPECT_TRUE(is_there(kJob));
}

// ---- A backup that ends meanwhile removes older ones

class DrillBesideABackup : public RestoreDrill {
 protected:
  void backup_runs() {
    scheduled_.ref = World::ref("Job", "hippo-repo1-full-29455555", "batch/v1");
    scheduled_.uid = "uid-of-scheduled";
    scheduled_.fields.job = {{.schedule = "full", .repo = "repo1", .active = 1}};
    world_.tell(scheduled_);
  }
  void backup_ends() {
    JobFields& fields = scheduled_.fields.job.edit();
    fields.active.reset();
    fields.completion_time = "2026-01-03T01:00:00Z";
    fields.complete = true;
    world_.tell(scheduled_);
  }
  void only_backup_left_is(const std::string& label) {
    RepositoryContents left = contents();
    left.backups.front().label = label;
    world_.repositories["repo1"] = left;
  }

  ObjectObserved scheduled_;
};

TEST_F(DrillBesideABackup, ThatRemovedItProvesNothingAboutIt) {
  drill_for({{"", "monday"}});
  job_begins(kJob);
  backup_runs();
  only_backup_left_is("20260103-000000F");
  fails(1, "pgbackrest restore: exit status 55");
  EXPECT_EQ(drill().phase, DrillPhase::kRunning) << "what the backup removes is not known yet";
  EXPECT_EQ(waits(),
            "drill-ended: Job/hippo-repo1-full-29455555 to end, which writes to the repositories");
  backup_ends();
  EXPECT_EQ(drill().phase, DrillPhase::kFailed);
  EXPECT_EQ(condition(kCondition)->reason, "BackupExpired");
  EXPECT_THAT(sentence(condition(kCondition)->message),
              AllOf(HasSubstr("proves nothing"), HasSubstr("exit status 55")));
}

TEST_F(DrillBesideABackup, ThatRemovedNothingHasFailed) {
  drill_for({{"", "monday"}});
  job_begins(kJob);
  backup_runs();
  fails(1, "pgbackrest restore: exit status 55");
  backup_ends();
  EXPECT_EQ(condition(kCondition)->reason, "RestoreFailed");
}

TEST_F(DrillBesideABackup, ARepositoryThatCannotBeReadExcusesNothing) {
  drill_for({{"", "monday"}});
  job_begins(kJob);
  backup_runs();
  world_.repositories["repo1"] = {.code = kRepositoryUnreadable, .trouble = "no route"};
  fails(1, "pgbackrest restore: exit status 103");
  backup_ends();
  EXPECT_EQ(condition(kCondition)->reason, "RestoreFailed");
}

// Exit status 75 of pgBackRest: no backup set was found, of which an unreachable store is one
// cause.
TEST_F(DrillBesideABackup, AnExitStatusIsNoProofThatThereIsNoBackup) {
  drill_for({{"", "monday"}});
  job_begins(kJob);
  fails(1, "pgbackrest restore: exit status 75");
  EXPECT_EQ(condition(kCondition)->reason, "RestoreFailed");
}

TEST_F(DrillBesideABackup, DamageThatWasFoundIsToldAtOnce) {
  drill_for({{"", "monday"}});
  job_begins(kJob);
  backup_runs();
  only_backup_left_is("20260103-000000F");
  fails(3, "pg_amcheck: exit status 2");
  EXPECT_EQ(condition(kCondition)->reason, "DamageFound");
}

TEST_F(RestoreDrill, GuardsNameTheLastVerifiedBackup) {
  drill_for({{"", "monday"}});
  succeeds();
  job_pod_ends(kJob);
  restore_until_touched({.id = "back"});
  EXPECT_THAT(sentence(last_apply(kRestoreJob)->guard.other_copy),
              HasSubstr("the last backup that was restored and checked is 20260101-220000F of "
                        "repository repo1"));
}

TEST_F(RestoreDrill, AProofOfABackupThatHasExpiredIsNotNamed) {
  drill_for({{"", "monday"}});
  succeeds();
  ClusterState state = world_.state();
  state.repositories.at("repo1").contents.backups.front().label = "20260201-220000F";
  EXPECT_TRUE(with_verified_backup(state, literal("the copy")) == literal("the copy"));
}

}  // namespace
}  // namespace annals::fsm
