// Options of pgBackRest: which values are taken, what is refused before pgBackRest would refuse
// every command, and what is told and passed on.
#include "spec/pgbackrest_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "spec/backups.h"
#include "spec/pgbackrest_option_rules.h"
#include "spec/pgbackrest_option_table.h"
#include "spec/redaction.h"
#include "tests/unit/spec/resource.h"

namespace annals::spec {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Given {
  std::string name;
  std::string value;
};
void PrintTo(const Given& given, std::ostream* out) { *out << given.name << "=" << given.value; }

json backups(const json& global, int repositories = 1) {
  json repos = json::array();
  for (int i = 1; i <= repositories; ++i) {
    repos.push_back(
        {{"name", "repo" + std::to_string(i)}, {"volume", {{"volumeClaimSpec", good_claim()}}}});
  }
  return {{"pgbackrest", {{"repos", repos}, {"global", global}}}};
}

std::vector<std::string> doubts_in(const json& backups) {
  std::vector<std::string> texts;
  for (const Mistake& doubt :
       read_postgres_cluster(with("/backups", backups).dump()).findings.doubts)
    texts.push_back(to_string(doubt));
  return texts;
}

class GoodOption : public testing::TestWithParam<Given> {};
TEST_P(GoodOption, IsTakenWithoutAWord) {
  const json given = backups({{GetParam().name, GetParam().value}});
  EXPECT_THAT(mistakes_in(with("/backups", given)), IsEmpty());
  EXPECT_THAT(doubts_in(given), IsEmpty());
}
INSTANTIATE_TEST_SUITE_P(
    Values, GoodOption,
    testing::Values(Given{"repo1-retention-full", "14"}, Given{"repo1-retention-full-type", "time"},
                    Given{"retention-full", "2"}, Given{"process-max", "4"},
                    Given{"repo1-path", "/pgbackrest/zoo/repo1"}, Given{"start-fast", "y"},
                    Given{"io-timeout", "1.5"}, Given{"io-timeout", "500ms"},
                    Given{"io-timeout", "1H"}, Given{"buffer-size", "1048576"},
                    Given{"buffer-size", "1mb"}, Given{"archive-get-queue-max", "1GiB"},
                    Given{"compress-type", "zst"}, Given{"compress-level", "19"},
                    Given{"compress-level", "-7"}, Given{"log-level-console", "detail"},
                    Given{"repo1-storage-verify-tls", "y"}, Given{"backup-standby", "prefer"},
                    Given{"repo1-s3-ca-file", "/etc/pgbackrest/conf.d/ca.crt"},
                    Given{"exclude", "junk/"}, Given{"repo1-gcs-key", "/etc/pgbackrest/key.json"},
                    Given{"repo1-bundle", "y"}, Given{"beta", "y"}));

class RefusedOption : public testing::TestWithParam<std::pair<Given, std::string>> {};
TEST_P(RefusedOption, IsAMistakeWithItsRemedy) {
  const auto& [given, remedy] = GetParam();
  const std::vector<std::string> mistakes =
      mistakes_in(with("/backups", backups({{given.name, given.value}})));
  ASSERT_EQ(mistakes.size(), 1U) << testing::PrintToString(mistakes);
  EXPECT_THAT(mistakes[0], HasSubstr("spec.backups.pgbackrest.global." + given.name + " is "));
  EXPECT_THAT(mistakes[0], HasSubstr(remedy));
}
INSTANTIATE_TEST_SUITE_P(
    Values, RefusedOption,
    testing::Values(std::pair{Given{"repo1-bundle", "true"}, "give y or n"},
                    std::pair{Given{"process-max", "0"}, "a whole number from 1 to 999"},
                    std::pair{Given{"process-max", "4.0"}, "a whole number from 1 to 999"},
                    std::pair{Given{"repo1-retention-full", "all"}, "from 1 to 9999999"},
                    std::pair{Given{"compress-type", "GZ"}, "give one of none, bz2, gz, lz4, zst"},
                    std::pair{Given{"io-timeout", "2h"}, "from 100ms to 1h"},
                    std::pair{Given{"io-timeout", "soon"}, "from 100ms to 1h"},
                    std::pair{Given{"buffer-size", "3MiB"}, "give one of 16KiB"},
                    std::pair{Given{"archive-get-queue-max", "1.5GiB"}, "from 0B to 4PiB"},
                    std::pair{Given{"repo1-path", "pgbackrest"}, "begins with a slash"},
                    std::pair{Given{"process-max", ""}, "refuses its commands"},
                    std::pair{Given{"repo-retention-full", "2"}, "write repo1-retention-full"},
                    std::pair{Given{"tls-server-auth", "x=*"}, "the operator writes it"},
                    std::pair{Given{"repo1-cipher-type", "aes-256-cbc"},
                              "repo1-cipher-pass in a Secret"},
                    std::pair{Given{"repo1-path", "/a\n[db]\npg1-path=/b"}, "in one line"},
                    std::pair{Given{"[db]", "x"}, "the name of an option alone"}));

class DoubtfulOption : public testing::TestWithParam<std::pair<Given, std::string>> {};
TEST_P(DoubtfulOption, IsToldAndNoMistake) {
  const auto& [given, remedy] = GetParam();
  const json resource = backups({{given.name, given.value}}, 2);
  EXPECT_THAT(mistakes_in(with("/backups", resource)), IsEmpty());
  EXPECT_THAT(doubts_in(resource), ElementsAre("spec.backups.pgbackrest.global." + given.name +
                                               " is \"" + given.value + "\": " + remedy));
}
INSTANTIATE_TEST_SUITE_P(
    Values, DoubtfulOption,
    testing::Values(
        std::pair{Given{"repo2-retention-ful", "2"},
                  "did you mean repo2-retention-full? pgBackRest ignores this name"},
        std::pair{Given{"Archive-Async", "y"},
                  "did you mean archive-async? pgBackRest ignores this name"},
        std::pair{Given{"vacuum", "y"},
                  "correct or remove it: pgBackRest ignores a name that it does not know"},
        std::pair{Given{"no-start-fast", "y"},
                  "write start-fast with the value n: pgBackRest ignores this"},
        std::pair{Given{"stanza", "main"}, "remove it: pgBackRest takes it on a command line only"},
        std::pair{Given{"pg1-path", "/x"},
                  "remove it: the operator writes it, and it has no effect here"},
        std::pair{Given{"repo3-retention-full", "2"},
                  "correct the number, remove it, or add repo3 to repos: an option of a repository "
                  "that is not there can make pgBackRest forget another one"},
        std::pair{Given{"repo3-s3-bucket", "backups"},
                  "correct the number, remove it, or add repo3 to repos: an option of a repository "
                  "that is not there can make pgBackRest forget another one"},
        std::pair{Given{"repo1-type", "s3"},
                  "remove it, and set it in repos: it replaces posix, which is set there"},
        std::pair{Given{"archive-async", "n"},
                  "remove it: while one of several repositories cannot be reached, WAL is archived "
                  "to none of them"},
        std::pair{Given{"repo1-storage-verify-tls", "n"},
                  "remove it, and name the authority's certificate in repo1-storage-ca-file: "
                  "whoever is between takes the place of the store"}));

TEST(PgBackRestOptions, ArchiveAsyncMayBeOffWhereThereIsOneRepository) {
  EXPECT_THAT(doubts_in(backups({{"archive-async", "n"}}, 1)), IsEmpty());
}

TEST(PgBackRestOptions, ACipherIsTakenWhereFilesMayHaveItsKey) {
  json given = backups({{"repo1-cipher-type", "aes-256-cbc"}});
  given["pgbackrest"]["configuration"] = {{{"secret", {{"name", "hippo-cipher"}}}}};
  EXPECT_THAT(mistakes_in(with("/backups", given)), IsEmpty());
}

// A cluster that has its data looks at none of them: nothing of it is refused.
TEST(PgBackRestOptions, OfTheSourceOfACloneAreInDoubtAtMost) {
  const auto of_source = [](const json& global) {
    return with("/dataSource",
                {{"pgbackrest",
                  {{"repo",
                    {{"name", "repo1"},
                     {"s3", {{"bucket", "b"}, {"endpoint", "s3.example.com"}, {"region", "r"}}}}},
                   {"global", global}}}});
  };
  const auto doubts = [&](const json& global) {
    const json resource = of_source(global);
    EXPECT_THAT(mistakes_in(resource), IsEmpty());
    std::vector<std::string> texts;
    for (const Mistake& doubt : read_postgres_cluster(resource.dump()).findings.doubts)
      texts.push_back(to_string(doubt));
    return texts;
  };
  const std::string path = "spec.dataSource.pgbackrest.global.";
  EXPECT_THAT(doubts({{"repo1-path", "/old"}, {"process-max", "4"}, {"archive-async", "n"}}),
              IsEmpty());
  EXPECT_THAT(doubts({{"proces-max", "4"}}),
              ElementsAre(path + R"(proces-max is "4": did you mean process-max? pgBackRest )" +
                          "ignores this name"));
  EXPECT_THAT(doubts({{"process-max", "many"}}),
              ElementsAre(path + R"(process-max is "many": give a whole number from 1 to 999)"));
  EXPECT_THAT(
      doubts({{"repo2-path", "/old"}}),
      ElementsAre(path + R"(repo2-path is "/old": correct the number: the backups are in )" +
                  "repo1"));
  EXPECT_THAT(doubts({{"repo1-s3-bucket", "c"}}),
              ElementsAre(path + R"(repo1-s3-bucket is "c": remove it, and set it in repo: it )" +
                          "replaces b, which is set there"));
  EXPECT_THAT(doubts({{"repo1-cipher-type", "aes-256-cbc"}}),
              ElementsAre(HasSubstr("in a Secret of spec.dataSource.pgbackrest.configuration")));
}

TEST(PgBackRestOptions, NamesTheNearestOfTheSameRepository) {
  EXPECT_EQ(nearest_pgbackrest_option("repo4-retention-fulll"), "repo4-retention-full");
  EXPECT_EQ(nearest_pgbackrest_option("proces-max"), "process-max");
  EXPECT_EQ(nearest_pgbackrest_option("nothing-like-it"), "");
  EXPECT_EQ(nearest_pgbackrest_option(std::string(100'000, 'a')), "");
}

TEST(PgBackRestOptions, OfABackupAreChecked) {
  const auto mistakes_of = [](const std::vector<std::string>& options) {
    std::vector<std::string> texts;
    for (const Mistake& mistake : mistakes_in_backup_options(options, "options"))
      texts.push_back(to_string(mistake));
    return texts;
  };
  EXPECT_THAT(mistakes_of({"--type=full", "--annotation='by=me and you' --no-resume",
                           "--repo1-retention-full=2", "--process-max 4"}),
              IsEmpty());
  EXPECT_THAT(mistakes_of({"--type=full", "--compres-level=3"}),
              ElementsAre("options[1] is \"--compres-level\": did you mean --compress-level?"));
  EXPECT_THAT(
      mistakes_of({"--target=now"}),
      ElementsAre("options[0] is \"--target\": remove it: it is none of pgbackrest backup"));
  EXPECT_THAT(mistakes_of({"--process-max=many"}),
              ElementsAre("options[0] is \"--process-max\": give a whole number from 1 to 999"));
  EXPECT_THAT(mistakes_of({"--repo1-cipher-pass=canary"}),
              ElementsAre("options[0] is \"--repo1-cipher-pass\": move it to a Secret of "
                          "spec.backups.pgbackrest.configuration"));
}

TEST(PgBackRestOptions, AreOfVersions) {
  const PgBackRestOption& symlink = *find_pgbackrest_option("repo1-symlink").option;
  EXPECT_FALSE(may_have_option("2.45", symlink));
  EXPECT_FALSE(may_have_option("2.50", symlink));
  EXPECT_FALSE(may_have_option("2.55.1", symlink));
  EXPECT_TRUE(may_have_option("2.60.0", symlink));
  EXPECT_TRUE(may_have_option("3.0", symlink));
  EXPECT_TRUE(may_have_option("", symlink)) << "nobody knows";
  EXPECT_TRUE(may_have_option("2.45", *find_pgbackrest_option("process-max").option));
  EXPECT_TRUE(is_older_version("2.9", "2.45"));
  EXPECT_FALSE(is_older_version("", "2.45"));
}

// pgBackRest takes these from files alone, since they may be secrets: so are they here, but for
// two names of a store that everybody may know.
TEST(PgBackRestOptions, SecretsAreNoneThatTheOperatorRecords) {
  for (const PgBackRestOption& option : pgbackrest_options()) {
    std::string name(option.name);
    if (!option.is_refused_in_arguments || name == "repo#-azure-account" ||
        name == "repo#-azure-endpoint")
      continue;
    name.replace(name.find('#'), 1, "1");
    EXPECT_THAT(redacted(with("/backups", backups({{name, "canary"}})).dump()),
                testing::Not(HasSubstr("canary")))
        << name;
  }
}

TEST(PgBackRestOptions, TheTableIsSortedAndItsRangesCanBeRead) {
  EXPECT_TRUE(std::ranges::is_sorted(pgbackrest_options(), {}, &PgBackRestOption::name));
  for (const PgBackRestOption& option : pgbackrest_options()) {
    const bool has_range = option.kind == OptionKind::kNumber || option.kind == OptionKind::kSize ||
                           option.kind == OptionKind::kTime;
    if (!has_range) continue;
    EXPECT_EQ(option_value_mistake(option, option.least), std::nullopt) << option.name;
    EXPECT_EQ(option_value_mistake(option, option.most), std::nullopt) << option.name;
    EXPECT_NE(option_value_mistake(option, "x"), std::nullopt) << option.name;
  }
}

}  // namespace
}  // namespace annals::spec
