// What PostgreSQL takes for a parameter's value and what it does not, as its server says it.
#include "spec/parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "tests/unit/spec/resource.h"

namespace annals::spec {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

using Setting = std::pair<const char*, const char*>;

class Good : public testing::TestWithParam<Setting> {};
TEST_P(Good, IsTaken) {
  const auto& [name, value] = GetParam();
  EXPECT_TRUE(is_parameter(name));
  EXPECT_EQ(parameter_mistake(name, value), std::nullopt);
}
INSTANTIATE_TEST_SUITE_P(
    Values, Good,
    testing::Values(Setting{"shared_buffers", "128MB"}, Setting{"shared_buffers", "16"},
                    Setting{"Shared_Buffers", " 1.5 GB "}, Setting{"work_mem", "64kB"},
                    Setting{"max_connections", "0x64"}, Setting{"statement_timeout", "-0"},
                    Setting{"statement_timeout", "2min"}, Setting{"checkpoint_timeout", "1d"},
                    Setting{"random_page_cost", "1.1"}, Setting{"random_page_cost", "1e1"},
                    Setting{"autovacuum_vacuum_cost_delay", "-1"}, Setting{"log_temp_files", "-1"},
                    Setting{"max_slot_wal_keep_size", "1TB"}, Setting{"jit", "OFF"},
                    Setting{"jit", "f"}, Setting{"jit", "1"}, Setting{"jit", " on "},
                    Setting{"wal_level", "Logical"}, Setting{"wal_level", "hot_standby"},
                    Setting{"synchronous_commit", "true"}, Setting{"log_min_messages", "debug"},
                    Setting{"default_transaction_isolation", "read committed"},
                    Setting{"search_path", "anything at all"}, Setting{"timezone", "UTC"}));

class Bad : public testing::TestWithParam<Setting> {};
TEST_P(Bad, IsRefused) {
  const auto& [name, value] = GetParam();
  EXPECT_NE(parameter_mistake(name, value), std::nullopt);
}
INSTANTIATE_TEST_SUITE_P(
    Values, Bad,
    testing::Values(Setting{"shared_buffers", "128XB"}, Setting{"shared_buffers", "128mb"},
                    Setting{"shared_buffers", "8kB"}, Setting{"shared_buffers", ""},
                    Setting{"work_mem", "1 M B"}, Setting{"work_mem", "5min"},
                    Setting{"max_connections", "0"}, Setting{"max_connections", "1e9"},
                    Setting{"max_connections", "many"}, Setting{"max_connections", "100 kB"},
                    Setting{"max_connections", "--5"}, Setting{"max_connections", "0x"},
                    Setting{"random_page_cost", "nan"}, Setting{"random_page_cost", "-1"},
                    Setting{"checkpoint_timeout", "25h"}, Setting{"checkpoint_timeout", "1Min"},
                    Setting{"jit", "o"}, Setting{"jit", "maybe"}, Setting{"jit", ""},
                    Setting{"wal_level", "most"}, Setting{"bytea_output", "on"},
                    Setting{"default_transaction_isolation", "committed"}));

TEST(Parameters, NamesTheOneThatIsWrongAndTheCure) {
  const json settings = {{"shared_buffers", "10XB"}, {"work_mem", "8MB"}};
  EXPECT_THAT(
      mistakes_in(with("/config", {{"parameters", settings}})),
      ElementsAre("spec.config.parameters.shared_buffers is \"10XB\": give a number from 16 "
                  "to 1073741823 (blocks of 8 kB), or one with B, kB, MB, GB or TB"));
}

TEST(Parameters, InDynamicConfigurationMayBeNumbersAndSwitchesAndNull) {
  const auto in_patroni = [](const json& settings) {
    return mistakes_in(
        with("/patroni/dynamicConfiguration", {{"postgresql", {{"parameters", settings}}}}));
  };
  EXPECT_THAT(in_patroni({{"max_connections", 200}, {"jit", false}, {"work_mem", nullptr}}),
              IsEmpty());
  EXPECT_THAT(in_patroni({{"max_connections", -5}}),
              ElementsAre(StartsWith("spec.patroni.dynamicConfiguration.postgresql.parameters."
                                     "max_connections is \"-5\": give a number from 1 to 262143")));
  EXPECT_THAT(in_patroni(json::array()), IsEmpty());
}

TEST(Parameters, OfNoPostgresAreNamedWhereTheVersionIsKnown) {
  json resource = with("/config", {{"parameters", {{"shared_bufers", "1GB"}}}});
  resource["spec"]["postgresVersion"] = 15;
  EXPECT_THAT(mistakes_in(resource), ElementsAre(HasSubstr("PostgreSQL 15 has no such parameter")));
  resource["spec"]["postgresVersion"] = 17;
  EXPECT_THAT(mistakes_in(resource), IsEmpty());
  resource = with("/config", {{"parameters", {{"pg_stat_statements.max", "5000"}}}});
  resource["spec"]["postgresVersion"] = 15;
  EXPECT_THAT(mistakes_in(resource), IsEmpty()) << "an extension's";
}

}  // namespace
}  // namespace annals::spec
