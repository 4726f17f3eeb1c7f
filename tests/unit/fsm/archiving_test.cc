// When the primary is asked whether it archives, and what people are told.
#include "fsm/machines/archiving.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/fsm/restored_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr const char* kSegment = "000000010000000000000004";

class Archiving : public RestoredCluster {
 protected:
  std::ptrdiff_t looks() const { return asked(kArchiverTarget); }
  void later(Duration time) {
    world_.pass(time);
    world_.tell(TimerFired{});
  }
  void fails(std::int64_t code, const std::string& words, std::int64_t count = 12) {
    world_.archiver.failure = ArchiveFailure{.segment = kSegment,
                                             .at = world_.state().now,
                                             .count = count,
                                             .waiting = 3,
                                             .code = code,
                                             .words = words};
    world_.archiver.count = count;
    later(10min);
  }
  const Condition& condition() const { return world_.state().conditions.at("ContinuousArchiving"); }
  bool has_told() const { return asked("event/ArchivingFails") > 0; }
};

TEST_F(Archiving, IsLookedAtEveryMinute) {
  EXPECT_EQ(looks(), 1);
  EXPECT_TRUE(condition().status);
  EXPECT_EQ(condition().reason, "WALArchived");
  later(30s);
  EXPECT_EQ(looks(), 1);
  later(30s);
  EXPECT_EQ(looks(), 2);
  EXPECT_EQ(reason_by("archiving"),
            "asking the primary whether WAL is archived: it is asked regularly");
}

TEST_F(Archiving, IsLookedAtWhenABackupFails) {
  ObjectObserved job;
  job.ref = World::ref("Job", "hippo-repo1-full-1", "batch/v1");
  job.uid = "uid-of-job";
  job.fields.job = JobFields{.repo = "repo1", .failures = 1};
  world_.tell(job);
  EXPECT_EQ(looks(), 2);
  world_.tell(job);
  EXPECT_EQ(looks(), 2);
  job.fields.job.edit().failures = 2;
  world_.tell(job);
  EXPECT_EQ(looks(), 3);
}

TEST_F(Archiving, ThatFailsIsToldUntilItIsOver) {
  fails(104, "raised from local-1 protocol");
  EXPECT_FALSE(condition().status);
  EXPECT_EQ(condition().reason, "ArchiveCommandFailed");
  const std::string told = sentence(condition().message);
  EXPECT_THAT(told, HasSubstr("archive_command fails for 000000010000000000000004, 12 times"));
  EXPECT_THAT(told, HasSubstr("pgBackRest's error 104: raised from local-1 protocol"));
  EXPECT_THAT(told, HasSubstr("3 segments wait and fill the primary's volume"));
  EXPECT_TRUE(has_told());
  const std::ptrdiff_t before = looks();
  later(1min);
  EXPECT_EQ(looks(), before + 1);
  world_.archiver = {.archived_at = world_.state().now};
  later(1min);
  EXPECT_TRUE(condition().status);
}

TEST_F(Archiving, CountsFromTheLastSuccess) {
  world_.archiver.count = 100;
  later(10min);
  fails(104, "no", 107);
  EXPECT_THAT(sentence(condition().message), HasSubstr("7 times"));
}

TEST_F(Archiving, OfAnotherSegmentOfThatNameSaysWhatItMeans) {
  fails(45, "WAL file already exists in the repo1 archive with a different checksum");
  EXPECT_EQ(condition().reason, "OtherWALOfThatName");
  EXPECT_THAT(sentence(condition().message), HasSubstr("two primaries have written to it"));
  fails(104, "encountered error(s): repo2: [ArchiveDuplicateError] WAL file ...");
  EXPECT_EQ(condition().reason, "OtherWALOfThatName");
}

TEST_F(Archiving, SaysWhatEachErrorMeans) {
  const std::pair<const char*, const char*> kErrors[] = {
      {"NoSpaceLeft", "repo1: [FileWriteError] unable to write: [28] No space left on device"},
      {"OtherCipher", "repo1: [CryptoError] cipher header invalid"},
      {"StanzaMissing", "repo1: [FileMissingError] unable to load info file archive.info"},
      {"OtherDatabase", "repo1: [ArchiveMismatchError] WAL file version 15"}};
  for (const auto& [reason, words] : kErrors) {
    fails(104, words);
    EXPECT_EQ(condition().reason, reason);
  }
  fails(32, "'0' is out of range for 'process-max' option");
  EXPECT_EQ(condition().reason, "InvalidOption");
  fails(0, "");
  EXPECT_EQ(condition().reason, "ArchiveCommandFailed");
  EXPECT_THAT(sentence(condition().message), HasSubstr("pgBackRest has left no words"));
}

// What the spec says of options, and what versions make of it.
class OptionsInDoubt : public Archiving {
 protected:
  void with_options(const std::string& global) {
    SpecObserved changed = spec();
    const std::string part = R"("pgbackrest":{)";
    changed.resource.insert(changed.resource.find(part) + part.size(),
                            concat(R"("global":{)", global, "},"));
    changed.generation = 2;
    world_.tell(changed);
  }
  std::string doubt() const {
    const auto found = world_.state().conditions.find("SpecInDoubt");
    return found == world_.state().conditions.end() ? "" : sentence(found->second.message);
  }
};

TEST_F(OptionsInDoubt, AreToldAndPassedOn) {
  EXPECT_EQ(doubt(), "");
  with_options(R"("repo1-retention-ful":"2")");
  EXPECT_THAT(doubt(), HasSubstr("global.repo1-retention-ful is \"2\": did you mean "
                                 "repo1-retention-full?"));
  EXPECT_EQ(asked("event/SpecInDoubt"), 1);
  EXPECT_TRUE(world_.state().conditions.at("Ready").status);
  EXPECT_EQ(world_.state().conditions.at("Progressing").reason, "Settled");
  with_options(R"("repo1-retention-full":"2")");
  EXPECT_EQ(doubt(), "");
}

TEST_F(OptionsInDoubt, ThatTheInstancesDoNotHaveAreToldOnceTheirVersionIsKnown) {
  with_options(R"("repo1-symlink":"n")");
  EXPECT_EQ(doubt(), "");
  world_.archiver.version = "2.55.1";
  later(10min);
  EXPECT_THAT(doubt(),
              HasSubstr("repo1-symlink: pgBackRest 2.55.1 of the instances does not have"));
  world_.archiver.version = "2.60.0";
  later(10min);
  EXPECT_EQ(doubt(), "");
}

TEST_F(OptionsInDoubt, BlockBackupsNeedAVersionThatRestoresThem) {
  with_options(R"("repo1-block":"y","repo1-bundle":"y")");
  EXPECT_EQ(doubt(), "");
  world_.archiver.version = "2.45";
  later(10min);
  EXPECT_THAT(doubt(), HasSubstr("2.45 of the instances cannot restore such backups"));
}

TEST_F(Archiving, IsNotAskedWhileARestoreHasStoppedInstances) {
  restore_until_stopped({.id = "monday"});
  const std::ptrdiff_t before = looks();
  later(1h);
  EXPECT_EQ(looks(), before);
}

}  // namespace
}  // namespace annals::fsm
