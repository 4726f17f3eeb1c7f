// What pgBackRest leaves beside a primary that could not archive. The texts are of 2.45.
#include "lens/archiver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace annals::lens {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kLog =
    "ly.conf --stanza=db [45] of a line that began before\n"
    "2026-11-30 02:26:24.290 P00   INFO: archive-push:async command begin 2.45: [/pgdata/pg15_wal] "
    "--archive-async --stanza=db\n"
    "2026-11-30 02:26:24.304 P00   INFO: push 2 WAL file(s) to archive: 04...06\n"
    "2026-11-30 02:26:24.432 P01   WARN: could not push WAL file '04' to the archive (will be "
    "retried): [104] raised from local-1 protocol: archive-push command encountered error(s):\n"
    "                                    repo2: [FileMissingError] unable to load info file\n"
    "                                    HINT: has a stanza-create been performed?\n"
    "2026-11-30 02:26:24.631 P00   INFO: archive-push:async command end: completed successfully\n"
    "\n-------------------PROCESS START-------------------\n";

TEST(ArchiverWordsTest, OfASpoolAreACodeAndLines) {
  const ArchiverWords read = read_spool_error(
      "104\narchive-push command encountered error(s):\n"
      "repo1: [AnError] no\nHINT: is it there?\nmore\n");
  EXPECT_EQ(read.code, 104);
  EXPECT_EQ(read.words, "archive-push command encountered error(s): repo1: [AnError] no; more");
}

TEST(ArchiverWordsTest, OfALogAreItsLastError) {
  const ArchiverWords read = read_archive_log(kLog);
  EXPECT_EQ(read.code, 104);
  EXPECT_EQ(read.version, "2.45");
  EXPECT_EQ(read.words,
            "raised from local-1 protocol: archive-push command encountered error(s): repo2: "
            "[FileMissingError] unable to load info file");
}

TEST(ArchiverWordsTest, OfALogAreTheLaterOfTwo) {
  const ArchiverWords read = read_archive_log(
      std::string(kLog) +
      "2026-11-30 02:27:24.432 P00  ERROR: [045]: WAL file '04' already exists in the repo1 "
      "archive with a different checksum\n");
  EXPECT_EQ(read.code, 45);
  EXPECT_THAT(read.words, HasSubstr("already exists"));
}

TEST(ArchiverWordsTest, AreBoundedAndHaveNoSecret) {
  const ArchiverWords read = read_spool_error(
      "49\nhttps://rider:canary@store.example.com/ password=canary2 " + std::string(10'000, 'x'));
  EXPECT_LT(read.words.size(), 1000U);
  EXPECT_THAT(read.words, Not(HasSubstr("canary")));
}

TEST(ArchiverWordsTest, OfSomethingElseAreNone) {
  for (const char* text : {"", "\n\n", "x", "[", "2026-11-30 02:27:24.432 P00  ERROR: [",
                           "2026-11-30 02:27:24.432 P00   WARN: dropped WAL file '04'\n"}) {
    EXPECT_EQ(read_archive_log(text).words, "") << text;
    EXPECT_EQ(read_archive_log(text).code, 0) << text;
    EXPECT_EQ(read_spool_error(text).code, text[0] == '2' ? 2026 : 0) << text;
  }
}

}  // namespace
}  // namespace annals::lens
