// The stanza of each repository by itself: one that is down, one that belongs to another database,
// one that moves or goes.
#include "fsm/machines/stanzas.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "fsm/view/rendering.h"
#include "fsm/view/repository_trouble.h"
#include "tests/unit/fsm/with_restore_jobs.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kOnVolume = R"("volume":{"volumeClaimSpec":{"accessModes":["ReadWriteOnce"],)"
                                  R"("resources":{"requests":{"storage":"1Gi"}}}})";
constexpr const char* kDown =
    "P00  ERROR: [049]: unable to connect to 's3.example.com:443': [111] Connection refused";
constexpr const char* kTaken =
    "P00  ERROR: [028]: backup and archive info files exist but do not match the database\n"
    "                   HINT: is this the correct stanza?";

std::string in_bucket(const std::string& name, const std::string& bucket) {
  return concat(R"({"name":")", name, R"(","s3":{"bucket":")", bucket,
                R"(","endpoint":"s3.example.com","region":"r"}})");
}
std::string on_volume(const std::string& name) {
  return concat(R"({"name":")", name, R"(",)", kOnVolume, "}");
}

class Stanzas : public WithRestoreJobs {
 protected:
  static SpecObserved spec_with(const std::string& repos, const std::string& more = {}) {
    SpecObserved spec = World::hippo();
    spec.resource.insert(spec.resource.size() - 2,
                         concat(R"(,"backups":{"pgbackrest":{"repos":[)", repos, "]", more, "}}"));
    return spec;
  }
  void open(const std::string& repos) {
    for (const char* repo : {"repo1", "repo2"}) world_.repositories[repo] = contents();
    world_.start(spec_with(repos));
    world_.primary_is_ready();
    world_.patroni_stores("anything");
    world_.repository_host_is_ready();
  }
  void change(const std::string& repos, const std::string& more = {}) {
    SpecObserved spec = spec_with(repos, more);
    spec.generation = ++generation_;
    spec.finalized = true;
    world_.tell(spec);
    world_.repository_host_is_ready();
    world_.tell(TimerFired{});
  }
  void fail(const std::string& words) {
    const std::string job = world_.job();
    job_begins(job);
    job_fails(job, words);
  }
  void after(Duration time) {
    world_.pass(time);
    world_.tell(TimerFired{});
  }
  std::string manifest() const {
    const ApplyObject* apply = last_apply(world_.job());
    return apply == nullptr ? std::string() : apply->manifest;
  }
  std::string configuration() const {
    const ApplyObject* apply = last_apply("hippo-pgbackrest-config");
    return apply == nullptr ? std::string() : apply->manifest;
  }
  bool has_stanza(const std::string& repo) const {
    return world_.state().backup.stanzas.at(repo).created;
  }
  bool is_done() const { return world_.state().backup.phase == BackupPhase::kDone; }
  std::string words_of(const char* type) const {
    const Condition* its = condition(type);
    return its == nullptr ? std::string() : concat(its->reason, ": ", sentence(its->message));
  }
  std::string last_event(const std::string& reason) const {
    std::string text;
    for (const Intent& intent : world_.carried_out()) {
      const auto* event = std::get_if<EmitEvent>(&intent.action);
      if (event != nullptr && event->reason == reason) text = sentence(event->message);
    }
    return text;
  }

  std::int64_t generation_ = 1;
};

TEST_F(Stanzas, EachIsMadeByAJobOfItsOwn) {
  open(in_bucket("repo1", "b") + "," + on_volume("repo2"));
  EXPECT_THAT(manifest(),
              AllOf(HasSubstr("exec pgbackrest stanza-create --stanza=db --config="),
                    HasSubstr("repo1-/!d"), HasSubstr("pgbackrest_cloud.conf"),
                    HasSubstr(R"("backoffLimit":0)"), HasSubstr("FallbackToLogsOnError")));
  EXPECT_EQ(words_of("RepositoryWithoutStanza"), "") << "nothing has failed";
  world_.job_ends("complete");
  EXPECT_THAT(manifest(),
              AllOf(HasSubstr("stanza-create"), HasSubstr("repo2-/!d"), HasSubstr("COMPARE_HASH")));
  world_.job_ends("complete");
  EXPECT_THAT(manifest(), HasSubstr("exec pgbackrest backup --stanza=db --repo=1"));
  world_.job_ends("complete");
  EXPECT_TRUE(is_done());
}

TEST_F(Stanzas, OneThatIsDownHoldsUpNeitherTheOthersNorTheFirstBackup) {
  open(in_bucket("repo1", "b") + "," + on_volume("repo2"));
  fail(kDown);
  EXPECT_THAT(
      words_of("RepositoryWithoutStanza"),
      AllOf(HasSubstr("StanzaFailed: repo1, s3 bucket b at s3.example.com, path /pgbackrest/repo1: "
                      "[049]: unable to connect to 's3.example.com:443'"),
            HasSubstr("see spec.backups.pgbackrest.repos[0].s3.endpoint")));
  EXPECT_THAT(last_event("StanzaFailed"), HasSubstr("Connection refused"));
  EXPECT_THAT(manifest(), HasSubstr("repo2-/!d")) << "at once";
  world_.job_ends("complete");
  EXPECT_THAT(manifest(), HasSubstr("--stanza=db --repo=2"));
  EXPECT_THAT(world_.status, HasSubstr(R"("stanzaCreated":false)"));
  world_.job_ends("complete");
  EXPECT_TRUE(is_done());
  EXPECT_THAT(words_of("PGBackRestReplicaRepoReady"),
              HasSubstr("repository repo2, from which replicas are created, has the database's "
                        "stanza; there is none yet in repo1"));
  EXPECT_THAT(words_of("PGBackRestReplicaCreate"), HasSubstr("from repository repo2; repo1"));
}

// pgBackRest tries a lost store for minutes in each batch of WAL, and the others' waits.
TEST_F(Stanzas, OneThatIsDownGetsNoWalUntilItHasAStanza) {
  constexpr const char* kRefused =
      "[db:archive-push]\\nio-timeout=5\\nrepo1-path=/stanza-create-failed/repo1\\n"
      "repo1-type=posix\\n";
  open(in_bucket("repo1", "b") + "," + on_volume("repo2"));
  EXPECT_THAT(configuration(), AllOf(HasSubstr("[db:archive-push]"), Not(HasSubstr(kRefused))));
  fail(kDown);
  EXPECT_THAT(configuration(), HasSubstr(kRefused));
  world_.job_ends("complete");
  world_.job_ends("complete");
  after(11s);
  world_.job_ends("complete");
  EXPECT_THAT(configuration(), AllOf(HasSubstr("[db:archive-push]"), Not(HasSubstr(kRefused))));
}

TEST_F(Stanzas, TheFirstBackupComesBeforeAnotherAttempt) {
  open(in_bucket("repo1", "b") + "," + on_volume("repo2"));
  fail(kDown);
  world_.job_ends("complete");
  const std::string backup = world_.job();
  EXPECT_THAT(manifest(), HasSubstr("--stanza=db --repo=2"));
  after(1min);
  EXPECT_THAT(sentence(world_.state().blockers.at("stanza-repo1").waits_for),
              HasSubstr("the first backup in repository repo2"));
  ObjectObserved ended;
  ended.ref = World::ref("Job", backup, "batch/v1");
  ended.uid = concat("uid-of-Job/", backup);
  ended.fields.job = JobFields{.complete = true};
  world_.tell(ended);
  EXPECT_TRUE(is_done());
  after(1s);
  EXPECT_THAT(manifest(), HasSubstr("repo1-/!d"));
}

TEST_F(Stanzas, OneThatComesBackGetsItsStanzaAndReplicasStayWhereTheyAre) {
  open(in_bucket("repo1", "b") + "," + on_volume("repo2"));
  fail(kDown);
  world_.job_ends("complete");
  world_.job_ends("complete");
  after(11s);
  EXPECT_THAT(manifest(), HasSubstr("repo1-/!d"));
  world_.job_ends("complete");
  EXPECT_EQ(condition("RepositoryWithoutStanza"), nullptr);
  EXPECT_THAT(last_event("StanzaCreated"), HasSubstr("repository repo1"));
  EXPECT_TRUE(is_done());
  EXPECT_EQ(world_.state().backup.replica_repo, "repo2");
  EXPECT_FALSE(world_.state().blockers.contains("stanza-repo1"));
}

TEST_F(Stanzas, AChangeOfTheSpecIsTriedAtOnce) {
  open(in_bucket("repo1", "b"));
  for (int i = 0; i < 4; ++i) {
    fail(kDown);
    after(81s);
  }
  fail(kDown);
  const std::string failed = world_.job();
  after(5s);
  EXPECT_EQ(world_.job(), failed) << "it has a pause";
  change(in_bucket("repo1", "b"), R"(,"global":{"repo1-storage-verify-tls":"n"})");
  EXPECT_NE(world_.job(), failed);
}

TEST_F(Stanzas, WhatCanBeReadAgainIsTriedWithoutThePause) {
  open(in_bucket("repo1", "b"));
  world_.repositories["repo1"] = {.code = kRepositoryUnreadable, .trouble = "timeout"};
  for (int i = 0; i < 4; ++i) {
    fail(kDown);
    after(81s);
  }
  fail(kDown);
  const std::string failed = world_.job();
  after(61s);
  EXPECT_EQ(world_.job(), failed);
  world_.repositories["repo1"] = {.code = kNoStanzaPath};
  after(61s);
  EXPECT_NE(world_.job(), failed);
}

TEST_F(Stanzas, OneOfAnotherDatabaseIsNamedAndLeftAlone) {
  open(in_bucket("repo1", "b") + "," + on_volume("repo2"));
  world_.repositories["repo1"].databases = {{.id = 1, .system_id = "4711", .version = "15"}};
  fail(kTaken);
  EXPECT_THAT(
      words_of("RepositoryWithoutStanza"),
      AllOf(HasSubstr("OtherDatabase: repo1, s3 bucket b at s3.example.com"),
            HasSubstr("belongs to another database (system identifier 4711), and this cluster's is "
                      "8000000000000000001"),
            HasSubstr("repo1-path in spec.backups.pgbackrest.global")));
  world_.job_ends("complete");  // the stanza of the other one
  world_.job_ends("complete");  // the first backup
  EXPECT_TRUE(is_done());
  const auto attempts = [this] { return world_.state().backup.stanzas.at("repo1").attempt; };
  after(11s);
  fail(kTaken);
  const int before = attempts();
  after(19s);
  EXPECT_EQ(attempts(), before);
  world_.repositories["repo1"] = {.code = kNoStanzaPath};
  after(61s);
  EXPECT_GT(attempts(), before) << "nobody needed what was there";
}

TEST_F(Stanzas, OneThatMovesBeginsAnewAndTheOldPlaceIsNamed) {
  open(in_bucket("repo1", "b") + "," + on_volume("repo2"));
  for (int i = 0; i < 3; ++i) world_.job_ends("complete");
  ASSERT_TRUE(is_done());
  change(in_bucket("repo1", "b") + "," + on_volume("repo2"),
         R"(,"global":{"repo1-path":"/elsewhere"})");
  EXPECT_THAT(last_event("RepositoryMoved"),
              AllOf(HasSubstr("was s3 bucket b at s3.example.com, path /pgbackrest/repo1"),
                    HasSubstr("path /elsewhere"), HasSubstr("stays")));
  EXPECT_TRUE(has_stanza("repo2"));
  EXPECT_FALSE(has_stanza("repo1"));
  EXPECT_THAT(manifest(), HasSubstr("stanza-create"));
  world_.job_ends("complete");
  EXPECT_THAT(manifest(), HasSubstr("backup --stanza=db --repo=1")) << "replicas come from it";
  world_.job_ends("complete");
  EXPECT_TRUE(is_done());
}

TEST_F(Stanzas, AnotherOneThatIsAddedOrRemovedChangesNothingForTheFirst) {
  open(in_bucket("repo1", "b"));
  world_.job_ends("complete");
  world_.job_ends("complete");
  ASSERT_TRUE(is_done());
  change(in_bucket("repo1", "b") + "," + in_bucket("repo2", "c"));
  EXPECT_TRUE(is_done());
  fail(kDown);
  EXPECT_TRUE(is_done());
  EXPECT_THAT(words_of("RepositoryWithoutStanza"), HasSubstr("repos[1].s3.endpoint"));
  change(in_bucket("repo1", "b"));
  EXPECT_THAT(last_event("RepositoryRemoved"),
              AllOf(HasSubstr("repo2, s3 bucket c"), HasSubstr("its backups stay")));
  EXPECT_EQ(condition("RepositoryWithoutStanza"), nullptr);
  EXPECT_FALSE(world_.state().backup.stanzas.contains("repo2"));
}

TEST_F(Stanzas, WithAnotherFirstOneReplicasGetABackupThere) {
  open(in_bucket("repo1", "b") + "," + in_bucket("repo2", "c"));
  for (int i = 0; i < 3; ++i) world_.job_ends("complete");
  ASSERT_TRUE(is_done());
  ASSERT_EQ(world_.state().backup.replica_repo, "repo1");
  change(in_bucket("repo2", "c") + "," + in_bucket("repo1", "b"));
  EXPECT_FALSE(is_done());
  EXPECT_THAT(manifest(), HasSubstr("backup --stanza=db --repo=2"));
  world_.job_ends("complete");
  EXPECT_EQ(world_.state().backup.replica_repo, "repo2");
}

TEST_F(Stanzas, AFirstBackupThatFailsIsTriedInTheNextRepository) {
  open(in_bucket("repo1", "b") + "," + in_bucket("repo2", "c"));
  world_.job_ends("complete");
  world_.job_ends("complete");
  ASSERT_THAT(manifest(), HasSubstr("backup --stanza=db --repo=1"));
  fail(kDown);
  EXPECT_THAT(last_event("FirstBackupFailed"),
              AllOf(HasSubstr("Connection refused"), HasSubstr("repos[0].s3.endpoint")));
  after(11s);
  EXPECT_THAT(manifest(), HasSubstr("backup --stanza=db --repo=2"));
  world_.job_ends("complete");
  EXPECT_TRUE(is_done());
}

TEST_F(Stanzas, WhatAnOlderVersionMadeIsTakenOver) {
  open(in_bucket("repo1", "b") + "," + in_bucket("repo2", "c"));
  for (int i = 0; i < 3; ++i) world_.job_ends("complete");
  ASSERT_TRUE(is_done());
  ClusterState older = world_.state();
  const BackupProgress known = older.backup;
  older.backup = {.phase = BackupPhase::kDone, .repositories = known.repositories};
  const Event event{.seq = Sequence(99'999), .time = older.now, .epoch = {}, .input = TimerFired{}};
  const Step made = step(older, event);
  EXPECT_EQ(made.state.backup, known);
  for (const Intent& intent : made.intents)
    EXPECT_THAT(target_of(intent.action), Not(HasSubstr("Job/")));
}

TEST_F(Stanzas, ARequestedBackupWaitsForItsOwnRepositoryOnly) {
  const std::string repos = in_bucket("repo1", "b") + "," + in_bucket("repo2", "c");
  open(repos);
  fail(kDown);
  world_.job_ends("complete");
  world_.job_ends("complete");
  ASSERT_TRUE(is_done());
  const auto ask = [&](const std::string& repo, const std::string& request) {
    SpecObserved spec = spec_with(repos, concat(R"(,"manual":{"repoName":")", repo, R"("})"));
    const std::string metadata = R"("metadata":{)";
    spec.resource.insert(spec.resource.find(metadata) + metadata.size(),
                         concat(R"("annotations":{"postgres-operator.crunchydata.com/)",
                                R"(pgbackrest-backup":")", request, R"("},)"));
    spec.finalized = true;
    world_.tell(spec);
  };
  world_.repositories["repo1"] = {.code = kRepositoryUnreadable, .trouble = "timeout"};
  fail(kDown);  // again
  ask("repo1", "one");
  EXPECT_THAT(sentence(world_.state().blockers.at("manual-backup").waits_for),
              AllOf(HasSubstr("the stanza in repository repo1"), HasSubstr("[049]")));
  ask("repo2", "two");
  EXPECT_THAT(manifest(), HasSubstr("backup --stanza=db --repo=2"));
}

// ---- Errors

TEST(RepositoryTrouble, IsPgBackRestsErrorInOneLine) {
  EXPECT_EQ(error_of_pgbackrest("2026-11-30 02:14:38.398 P00  ERROR: [028]: they do not match\n"
                                "                   HINT: is this the correct stanza?\n"),
            "[028]: they do not match");
  EXPECT_EQ(error_of_pgbackrest(
                "WARN: x\nERROR: [039]: HTTP request failed with 404 (Not Found):\n"
                "       *** Response Content ***:\n       <Error><Code>NoSuchBucket</Code><Message>"
                "The specified bucket does not exist</Message></Error>\n"),
            "[039]: HTTP request failed with 404 (Not Found), NoSuchBucket");
  EXPECT_EQ(error_of_pgbackrest(R"(level=info msg="stderr=[ERROR: [055]: no such path\n]")"),
            "[055]: no such path");
  EXPECT_EQ(error_of_pgbackrest("one\npgbackrest job: one running pod is needed\n"),
            "pgbackrest job: one running pod is needed");
  EXPECT_EQ(error_of_pgbackrest(""), "");
  EXPECT_LE(error_of_pgbackrest(std::string(5000, 'x')).size(), 400U);
}

class FieldsToLookAt : public Stanzas {
 protected:
  std::string field(const std::string& error) {
    open(on_volume("repo1") + "," + in_bucket("repo2", "b"));
    ClusterState state = world_.state();
    return sentence(field_to_look_at(rendered(state).cluster, "repo2", error));
  }
};

TEST_F(FieldsToLookAt, AreThoseOfTheError) {
  EXPECT_THAT(field("[039]: HTTP request failed with 404 (Not Found), NoSuchBucket"),
              HasSubstr("spec.backups.pgbackrest.repos[1].s3.bucket"));
}
TEST_F(FieldsToLookAt, OfABucketThatIsNotThereComeWithTheCommandThatMakesIt) {
  const std::string missing =
      field("[039]: HTTP request failed with 404 (Not Found), NoSuchBucket");
  EXPECT_THAT(missing, AllOf(HasSubstr("aws s3 mb s3://b "), HasSubstr("pgBackRest makes none")));
  EXPECT_THAT(field("[039]: HTTP request failed with 301 (Moved Permanently), PermanentRedirect"),
              AllOf(HasSubstr("spec.backups.pgbackrest.repos[1].s3.bucket"), Not(HasSubstr("aws"))))
      << "another store has it";
}

TEST_F(FieldsToLookAt, AreTheKeysOfOneThatIsForbidden) {
  EXPECT_THAT(field("[039]: HTTP request failed with 403 (Forbidden)"),
              AllOf(HasSubstr("repo2-"), HasSubstr("spec.backups.pgbackrest.configuration")));
  EXPECT_THAT(
      field("[039]: HTTP request failed with 403 (Server failed to authenticate the request.)"),
      AllOf(HasSubstr("repo2-"), HasSubstr("spec.backups.pgbackrest.configuration")));
  EXPECT_THAT(
      field("[039]: unable to get authentication token: [invalid_grant] Invalid JWT Signature"),
      AllOf(HasSubstr("repo2-"), HasSubstr("spec.backups.pgbackrest.configuration")));
  EXPECT_THAT(
      field("[039]: HTTP request failed with 404 (The specified container does not exist.)"),
      HasSubstr("spec.backups.pgbackrest.repos[1].s3.bucket"));
}
TEST_F(FieldsToLookAt, IsTheClockWhereTheStoreSaysSo) {
  EXPECT_THAT(field("[039]: HTTP request failed with 403 (Forbidden), RequestTimeTooSkewed"),
              HasSubstr("clock"));
}
TEST_F(FieldsToLookAt, IsTheAuthorityOfACertificate) {
  EXPECT_THAT(field("[095]: unable to set user-defined CA certificate location: [2147483650] no "
                    "details available"),
              HasSubstr("repo2-storage-ca-file"));
}
TEST_F(FieldsToLookAt, IsTheFolderWhereAStanzaIsHalfMade) {
  EXPECT_THAT(field("[055]: archive.info exists but backup.info is missing on repo2"),
              AllOf(HasSubstr("remove its folder archive/db"), HasSubstr("another repo2-path")));
}
TEST_F(FieldsToLookAt, AreTheKeysThatAreMissing) {
  EXPECT_THAT(field("[037]: stanza-create command requires option: repo2-s3-key"),
              HasSubstr("spec.backups.pgbackrest.configuration"));
}

}  // namespace
}  // namespace annals::fsm
