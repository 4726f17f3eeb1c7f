// Options of a restore: every way in which they are quoted, and each that is wrong with its remedy.
#include "spec/restore_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "spec/shell_words.h"
#include "tests/unit/spec/resource.h"

namespace annals::spec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Items = std::vector<std::string>;

constexpr const char* kPath = "options";

std::vector<std::string> arguments(const Items& items) {
  const ReadRestoreOptions read = read_restore_options(items, kPath);
  for (const Mistake& mistake : read.mistakes) ADD_FAILURE() << to_string(mistake);
  return arguments_of(read.options);
}

std::vector<std::string> mistakes(const Items& items) {
  std::vector<std::string> texts;
  for (const Mistake& mistake : read_restore_options(items, kPath).mistakes)
    texts.push_back(to_string(mistake));
  return texts;
}

TEST(ShellWordsTest, AreThoseOfAShell) {
  const auto words = [](const char* line) { return shell_words(line).value_or(Items{"none"}); };
  EXPECT_THAT(words("  a  b\tc\n"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(words(R"(a"b c"'d e'f)"), ElementsAre("ab cd ef"));
  EXPECT_THAT(words(R"("a \" \x \\" 'b \')"), ElementsAre(R"(a " \x \)", R"(b \)"));
  EXPECT_THAT(words(R"(a\ b "" '')"), ElementsAre("a b", "", ""));
  EXPECT_THAT(words("$(date) `x`"), ElementsAre("$(date)", "`x`"));
  EXPECT_THAT(words(""), IsEmpty());
  for (const char* line : {"\"a", "'a", "a\\", "\"a\\"}) EXPECT_FALSE(shell_words(line)) << line;
}

TEST(RestoreOptionsTest, TakeATargetInEveryQuoting) {
  for (const Items& items :
       std::vector<Items>{{"--type=time", "--target=\"2026-01-31 10:05:00+02\""},
                          {"--type=time", "--target='2026-01-31 10:05:00+02'"},
                          {"--type=time", "--target=2026-01-31 10:05:00+02"},
                          {"--type=time", "--target=2026-01-31 10:05:00 +02"},
                          {"--type=time", "--target=2026-01-31 03:05:00 -05"},
                          {"--type=time", "--target=2026-01-31\\ 10:05:00+02"},
                          {"--type=time", "\"--target=2026-01-31 10:05:00+02\""},
                          {"--type=time", "--target", "2026-01-31 10:05:00+02"},
                          {"--type=time", "--target", "'2026-01-31 10:05:00+02'"},
                          {"--type", "time", "--target \"2026-01-31 10:05:00+02\""},
                          {"--target='2026-01-31 10:05:00+02' --type=time"},
                          {"--type=time --target=\"2026-01-31T10:05:00+02:00\" --delta"}})
    EXPECT_THAT(arguments(items), ElementsAre("--type=time", "--target=2026-01-31 08:05:00+00"))
        << testing::PrintToString(items);
}

TEST(RestoreOptionsTest, TakeEveryTypeOfTarget) {
  EXPECT_THAT(arguments({}), ElementsAre("--type=default"));
  EXPECT_THAT(arguments({"--type=immediate", "--set=20260131-080500F"}),
              ElementsAre("--type=immediate", "--set=20260131-080500F"));
  EXPECT_THAT(arguments({"--type=lsn", "--target=0/5000028", "--target-exclusive"}),
              ElementsAre("--type=lsn", "--target=0/5000028", "--target-exclusive"));
  EXPECT_THAT(arguments({"--type=xid", "--target=731", "--target-timeline=0x1A"}),
              ElementsAre("--type=xid", "--target=731", "--target-timeline=26"));
  EXPECT_THAT(arguments({"--type=name", "--target=before the change"}),
              ElementsAre("--type=name", "--target=before the change"));
}

TEST(RestoreOptionsTest, SayWhatTheTargetMeans) {
  const RestoreTarget time =
      read_restore_options({"--type=time --target='2026-01-31 08:05'"}, kPath).options.target;
  EXPECT_TRUE(time.zone_assumed);
  EXPECT_EQ(annals::to_string(time.time), "2026-01-31T08:05:00.000000Z");
  EXPECT_EQ(read_restore_options({"--type=lsn --target=A/B"}, kPath).options.target.lsn,
            0xA0000000BU);
}

TEST(RestoreOptionsTest, KeepTheOthersInTheirOrder) {
  EXPECT_THAT(
      arguments({"--process-max=4 --db-include=app --no-log-timestamp", "--db-include", "'my db'",
                 "--db-exclude=old", "--set=20260131-080500F_20260131-090500I",
                 "--log-level-console=info", "--sck-keep-alive=n", "--target-timeline=current"}),
      ElementsAre("--type=default", "--set=20260131-080500F_20260131-090500I",
                  "--target-timeline=current", "--db-include=app", "--db-include=my db",
                  "--db-exclude=old", "--log-level-console=info", "--no-log-timestamp",
                  "--process-max=4", "--no-sck-keep-alive"));
}

struct WrongOptions {
  std::string name;
  Items items;
  std::string mistake;  // a part of it
};

void PrintTo(const WrongOptions& wrong, std::ostream* out) {
  *out << testing::PrintToString(wrong.items);
}

class EveryWrongOption : public testing::TestWithParam<WrongOptions> {};

TEST_P(EveryWrongOption, IsToldWithItsItemAndARemedy) {
  const std::vector<std::string> texts = mistakes(GetParam().items);
  ASSERT_EQ(texts.size(), 1U) << testing::PrintToString(texts);
  EXPECT_THAT(texts[0], HasSubstr(GetParam().mistake));
}

const std::vector<WrongOptions>& wrong_options() {
  static const std::vector<WrongOptions> kWrong{
      {"Quoting", {"--type=time", "--target=\"2026-01-31"}, "options[1] is not readable: end the"},
      {"Repo", {"--repo=2"}, R"(options[0] is "--repo": remove it: repoName names)"},
      {"Stanza", {"--stanza db"}, R"("--stanza": remove it)"},
      {"DataDirectory", {"--pg1-path=/x"}, R"("--pg1-path": remove it: the operator decides it)"},
      {"Action", {"--target-action=pause"}, "promoted at the target"},
      {"LinkMap", {"--link-map=pg_wal=/x"}, R"("--link-map")"},
      {"ArchiveMode", {"--archive-mode=off"}, "archived after the restore"},
      {"RecoveryOption", {"--recovery-option=restore_command=true"}, R"("--recovery-option")"},
      {"RepositoryOption", {"--repo1-path", "/x"}, "spec.backups.pgbackrest.global"},
      {"Unknown", {"--fast"}, R"("--fast": remove it: pgbackrest restore has no such option)"},
      {"NoDelta", {"--no-delta"}, "by delta"},
      {"Force", {"--force"}, "checksums"},
      {"NoDashes", {"type=time"}, "two dashes"},
      {"OneDash", {"-x"}, "two dashes"},
      {"StrayWord", {"--process-max=4 5"}, R"("5": begin an option with two dashes)"},
      {"NoValue", {"--set"}, R"("--set": give its value)"},
      {"ValueOfFlag", {"--log-timestamp=maybe"}, "=y or =n"},
      {"Twice", {"--set=20260131-080500F", "--set=20260131-080501F"}, "options[1] is \"--set\""},
      {"Number", {"--process-max=0"}, "from 1 to 999"},
      {"Level", {"--log-level-console=loud"}, "choose one of off"},
      {"Amount", {"--io-timeout=long"}, "give a number"},
      {"Type", {"--type=standby"}, R"("standby": choose one of default)"},
      {"NoTarget", {"--type=time"}, R"(options is "--type=time": add --target)"},
      {"NoType", {"--target=2026-01-31"}, "add --type=time"},
      {"TargetOfImmediate", {"--type=immediate --target=x"}, "say what it is"},
      {"Time", {"--type=time --target='31 January'"}, R"("31 January": give a time such as)"},
      {"ZoneName", {"--type=time --target='2026-01-31 08:05 CET'"}, "its zone as an offset"},
      {"Lsn", {"--type=lsn --target=5000028"}, "0/5000028"},
      {"Xid", {"--type=xid --target=2"}, "3 or more"},
      {"Name", {R"(--type=name --target="it's")"}, "without quotes"},
      {"LongName", {"--type=name --target=" + std::string(64, 'x')}, "1 to 63"},
      {"EmptyName", {"--type=name --target="}, "1 to 63"},
      {"Exclusive", {"--target-exclusive"}, "--type=lsn or --type=xid"},
      {"Set", {"--set=newest"}, "a backup's label"},
      {"CutSet", {"--set=20260131-0805"}, "a backup's label"},
      {"Timeline", {"--target-timeline=first"}, "a timeline's number"},
      {"TimelineZero", {"--target-timeline=0"}, "a timeline's number"},
      {"TimelineOfImmediate", {"--type=immediate --target-timeline=2"}, "of its backup"},
      {"Database", {"--db-include="}, "name a database"},
      {"SystemDatabase", {"--db-exclude=postgres"}, "restored always"},
  };
  return kWrong;
}
INSTANTIATE_TEST_SUITE_P(Restore, EveryWrongOption, testing::ValuesIn(wrong_options()),
                         [](const testing::TestParamInfo<WrongOptions>& wrong) {
                           return wrong.param.name;
                         });

TEST(RestoreOptionsTest, ShowNoValueOfWhatMayBeSecret) {
  for (const Items& items : std::vector<Items>{{"--repo1-cipher-pass=canary"},
                                               {"--repo1-s3-key-secret", "canary"},
                                               {"--unknown canary"}}) {
    ASSERT_THAT(mistakes(items), ElementsAre(Not(HasSubstr("canary"))));
  }
}

TEST(RestoreOptionsTest, AreNoMistakeOfTheCluster) {
  nlohmann::json backups = nlohmann::json::parse(
      R"({"pgbackrest": {"repos": [{"name": "repo1", "gcs": {"bucket": "b"}}],
          "restore": {"enabled": true, "repoName": "repo1", "options": ["--type=standby"],
                      "resources": {"limits": {"cpu": 1}}, "priorityClassName": "high"}}})");
  const PostgresCluster cluster = cluster_from(with("/backups", backups));
  const std::optional<Restore>& restore = cluster.spec.backups->pgbackrest->restore;
  ASSERT_TRUE(restore);
  EXPECT_TRUE(restore->enabled);
  EXPECT_EQ(restore->source.repo_name, "repo1");
  EXPECT_THAT(restore->source.options, ElementsAre("--type=standby"));
  EXPECT_EQ(restore->source.scheduling.priority_class_name, "high");
  EXPECT_THAT(unused_in(with("/backups", backups)), IsEmpty());
  backups["pgbackrest"]["restore"].erase("repoName");
  EXPECT_THAT(mistakes_in(with("/backups", backups)),
              ElementsAre("spec.backups.pgbackrest.restore.repoName is missing: choose from repo1 "
                          "to repo4"));
}

}  // namespace
}  // namespace annals::spec
