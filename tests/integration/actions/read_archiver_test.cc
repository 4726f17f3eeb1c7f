// ReadArchiver against a real PostgreSQL whose archive_command is a real pgBackRest: what is told
// where WAL is archived, and where it is not.
#include "actions/read_archiver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "base/concat.h"
#include "tests/integration/actions/with_archive.h"

namespace annals::actions {
namespace {

using testing::AnyOf;
using testing::Eq;
using testing::HasSubstr;

class ReadArchiver : public WithArchive {
 protected:
  void repository_has_another(const std::string& segment) const {
    as_server(concat("mkdir -p ", other(segment).substr(0, other(segment).rfind('/')), " && touch ",
                     other(segment)));
  }
  std::string other(const std::string& segment) const {
    return concat(folder_, "/repo1/archive/db/15-1/", segment.substr(0, 16), "/", segment, "-",
                  std::string(40, 'a'), ".gz");
  }
  fsm::ArchiverAnswer read() {
    fsm::ReadArchiver intent;
    intent.host = "localhost";
    intent.port = server_.port();
    intent.authority_secret = "authority";
    intent.spool = folder_ + "/spool/archive/db/out";
    intent.log = folder_ + "/log/db-archive-push-async.log";
    Answer<ActionResult> answer =
        run(actions::run(std::move(intent), {ClusterUid("c"), "pg", "hippo"}, context_));
    if (!answer) throw std::runtime_error(to_string(answer.error()));
    return answer->archiver.value();
  }
};

TEST_F(ReadArchiver, SaysWhenWalWasArchivedLast) {
  EXPECT_EQ(read().archived_at, std::nullopt);
  archive();
  segment_ends();
  await("archived_count > 0");
  const fsm::ArchiverAnswer answer = read();
  EXPECT_EQ(answer.failure, std::nullopt);
  EXPECT_THAT(answer.version, HasSubstr("2."));
  ASSERT_TRUE(answer.archived_at);
  EXPECT_EQ(std::to_string(answer.archived_at->time_since_epoch() / std::chrono::seconds(1)),
            ask("SELECT extract(epoch FROM last_archived_time)::bigint FROM pg_stat_archiver"));
}

TEST_F(ReadArchiver, HasPgBackRestsWordsOfASegmentThatIsThereWithOtherContent) {
  archive();
  const std::string segment = segment_ends();
  await("archived_count > 0");
  const std::string next = segment_ends();
  await(concat("last_archived_wal = '", next, "'"));
  const std::string taken = ask("SELECT pg_walfile_name(pg_current_wal_insert_lsn())");
  repository_has_another(taken);
  segment_ends();
  await("failed_count > 2");  // PostgreSQL waits a minute then
  const fsm::ArchiverAnswer answer = read();
  ASSERT_TRUE(answer.failure);
  const fsm::ArchiveFailure& failure = *answer.failure;
  EXPECT_EQ(failure.segment, taken);
  EXPECT_EQ(failure.code, 45);
  EXPECT_THAT(failure.words, HasSubstr("already exists in the repo1 archive"));
  EXPECT_GE(failure.count, 3);
  EXPECT_GE(failure.waiting, 1);
  EXPECT_THAT(answer.version, HasSubstr("2."));
  as_server("rm " + other(taken));
}

TEST_F(ReadArchiver, HasTheWordsOfARepositoryWithoutAStanza) {
  archive();
  segment_ends();
  await("archived_count > 0");
  as_server(concat("rm -r ", folder_, "/repo1/archive"));
  segment_ends();
  await("failed_count > 2");
  const fsm::ArchiverAnswer answer = read();
  ASSERT_TRUE(answer.failure);
  EXPECT_THAT(answer.failure->code, AnyOf(Eq(103), Eq(104), Eq(55)));
  EXPECT_THAT(answer.failure->words, HasSubstr("[FileMissingError]"));
  EXPECT_THAT(answer.failure->words, HasSubstr("archive.info"));
  EXPECT_THAT(answer.failure->words, Not(HasSubstr("HINT")));
}

TEST_F(ReadArchiver, HasNoWordsWherePgBackRestLeavesNone) {
  configure("process-max=0\\n");
  archive();
  segment_ends();
  await("failed_count > 0");
  const fsm::ArchiverAnswer answer = read();
  ASSERT_TRUE(answer.failure);
  EXPECT_EQ(answer.failure->code, 0);
  EXPECT_EQ(answer.failure->words, "");
}

TEST_F(ReadArchiver, DoesNotTakeOldWordsForThoseOfTheLastFailure) {
  as_server(concat("mkdir -p ", folder_, "/spool/archive/db/out && printf '45\\nold' >", folder_,
                   "/spool/archive/db/out/global.error && touch -d 2020-01-01 ", folder_,
                   "/spool/archive/db/out/global.error"));
  configure("process-max=0\\n");
  archive();
  segment_ends();
  await("failed_count > 0");
  EXPECT_EQ(read().failure.value().words, "");
}

}  // namespace
}  // namespace annals::actions
