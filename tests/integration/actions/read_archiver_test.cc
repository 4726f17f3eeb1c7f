// ReadArchiver against a real PostgreSQL whose archive_command is a real pgBackRest: what is told
// where WAL is archived, and where it is not.
#include "actions/read_archiver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "base/concat.h"
#include "tests/integration/actions/with_postgres.h"

namespace annals::actions {
namespace {

using testing::AnyOf;
using testing::Eq;
using testing::HasSubstr;

class ReadArchiver : public WithPostgres {
 protected:
  ReadArchiver() : folder_(ask("SHOW data_directory") + "/../backrest") {
    as_server(concat("mkdir -p ", folder_, "/spool ", folder_, "/log ", folder_, "/lock ", folder_,
                     "/repo1 ", folder_, "/conf.d"));
    configure("");
    as_server(pgbackrest("--no-online stanza-create"));
  }

  // With these lines in the section [global] as well.
  void configure(const std::string& more) {
    as_server(concat("printf '[global]\\narchive-async=y\\nrepo1-path=", folder_,
                     "/repo1\\nspool-path=", folder_, "/spool\\nlog-path=", folder_,
                     "/log\\nlock-path=", folder_, "/lock\\n", more, "[db]\\npg1-path=", folder_,
                     "/../data\\n' >", folder_, "/pgbackrest.conf"));
  }
  void archive() {
    server_.restart_with(
        concat("archive_mode = on\narchive_command = '", pgbackrest("archive-push \"%p\""), "'\n"));
  }
  std::string pgbackrest(const std::string& command) const {
    return concat("/usr/bin/pgbackrest --config=", folder_, "/pgbackrest.conf",
                  " --config-include-path=", folder_, "/conf.d --stanza=db ", command);
  }
  // The account of the server owns all of it.
  void as_server(const std::string& command) const {
    const char* const as = ::geteuid() == 0 ? "setpriv --reuid=postgres --regid=postgres "
                                              "--clear-groups sh -c '"
                                            : "sh -c '";
    std::string quoted = command;
    for (std::size_t at = 0; (at = quoted.find('\'', at)) != quoted.npos; at += 4)
      quoted.replace(at, 1, "'\\''");
    if (std::system(concat(as, quoted, "'").c_str()) != 0)  // NOLINT: a command of the test's own
      throw std::runtime_error(command);
  }

  // The segment that is ready to be archived then.
  std::string segment_ends() {
    const std::string segment = ask("SELECT pg_walfile_name(pg_current_wal_insert_lsn())");
    ask("SELECT pg_create_restore_point('a row')");
    ask("SELECT pg_switch_wal()");
    return segment;
  }
  void repository_has_another(const std::string& segment) const {
    as_server(concat("mkdir -p ", other(segment).substr(0, other(segment).rfind('/')), " && touch ",
                     other(segment)));
  }
  std::string other(const std::string& segment) const {
    return concat(folder_, "/repo1/archive/db/15-1/", segment.substr(0, 16), "/", segment, "-",
                  std::string(40, 'a'), ".gz");
  }
  void await(const std::string& condition) {
    for (int i = 0; i < 600; ++i) {
      if (ask(concat("SELECT ", condition, " FROM pg_stat_archiver")) == "t") return;
      ::poll(nullptr, 0, 100);
    }
    FAIL() << condition << "\n" << server_.log();
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

  std::string folder_;
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
