// Each rule: the change that breaks it, and the field that the mistake points at.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "tests/unit/spec/resource.h"

namespace annals::spec {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

struct Rule {
  std::string name;    // of the test
  std::string place;   // below spec
  std::string value;   // JSON that breaks the rule
  std::string field;   // where the one mistake points at
  std::string remedy;  // a part of it
};

void PrintTo(const Rule& rule, std::ostream* out) { *out << rule.place << " = " << rule.value; }

class EveryRule : public testing::TestWithParam<Rule> {};

TEST_P(EveryRule, IsAMistakeWithItsFieldAndACure) {
  const Rule& rule = GetParam();
  const std::vector<std::string> mistakes = mistakes_in(with(rule.place, json::parse(rule.value)));
  ASSERT_EQ(mistakes.size(), 1U) << testing::PrintToString(mistakes);
  EXPECT_THAT(mistakes[0], StartsWith(rule.field + " is "));
  EXPECT_THAT(mistakes[0], HasSubstr(rule.remedy));
}

std::string name_of(const testing::TestParamInfo<Rule>& rule) { return rule.param.name; }

const std::vector<Rule>& basic_rules() {
  static const std::vector<Rule> kRules{
      {"PostgresTooNew", "/postgresVersion", "19", "spec.postgresVersion", "11 to 18"},
      {"PullPolicy", "/imagePullPolicy", R"("Sometimes")", "spec.imagePullPolicy",
       "choose one of Always, Never, IfNotPresent"},
      {"NoInstances", "/instances", "[]", "spec.instances", "at least one instance set"},
      {"SetName", "/instances/0/name", R"("One")", "spec.instances[0].name", "lower-case"},
      {"Replicas", "/instances/0/replicas", "0", "spec.instances[0].replicas", "spec.shutdown"},
      {"MinAvailableText", "/instances/0/minAvailable", R"("half")",
       "spec.instances[0].minAvailable", "percentage"},
      {"MinAvailableNegative", "/instances/0/minAvailable", "-1", "spec.instances[0].minAvailable",
       "percentage"},
      {"MinAvailableAll", "/instances/0/minAvailable", R"("101%")",
       "spec.instances[0].minAvailable", "percentage"},
      {"Resources", "/instances/0/resources", R"({"limits": {"memory": "lots"}})",
       "spec.instances[0].resources", "limits.memory"},
      {"AccessModes", "/instances/0/dataVolumeClaimSpec/accessModes", "[]",
       "spec.instances[0].dataVolumeClaimSpec.accessModes", "ReadWriteOnce"},
      {"StorageRequest", "/instances/0/dataVolumeClaimSpec/resources", R"({"requests": {}})",
       "spec.instances[0].dataVolumeClaimSpec.resources.requests.storage", "10Gi"},
      {"StorageQuantity", "/instances/0/dataVolumeClaimSpec/resources/requests/storage",
       R"("1 GB")", "spec.instances[0].dataVolumeClaimSpec.resources", "requests.storage"},
      {"Tablespace", "/instances/0/tablespaceVolumes",
       R"([{"name": "Fast", "dataVolumeClaimSpec":
           {"accessModes": ["a"], "resources": {"requests": {"storage": 1}}}}])",
       "spec.instances[0].tablespaceVolumes[0].name", "lower-case letter"},
      {"Containers", "/instances/0/containers", R"([{"image": "x"}])",
       "spec.instances[0].containers", "a name"},
      {"NodePort", "/service", R"({"nodePort": 30000})", "spec.service.nodePort", "NodePort"},
      {"ServiceType", "/service", R"({"type": "External"})", "spec.service.type",
       "choose one of ClusterIP, NodePort, LoadBalancer"},
      {"IpFamily", "/replicaService", R"({"ipFamilies": ["IPv5"]})",
       "spec.replicaService.ipFamilies", "IPv4, IPv6"},
      {"Lease", "/patroni", R"({"leaderLeaseDurationSeconds": 2, "syncPeriodSeconds": 1})",
       "spec.patroni.leaderLeaseDurationSeconds", "3 or more"},
      {"LeaseAndSync", "/patroni", R"({"leaderLeaseDurationSeconds": 10})", "spec.patroni",
       "longer than syncPeriodSeconds"},
      {"PatroniPort", "/patroni", R"({"port": 1})", "spec.patroni.port", "1024"},
      {"PatroniLevel", "/patroni", R"({"logging": {"level": "LOUD", "storageLimit": "1Gi"}})",
       "spec.patroni.logging.level", "choose one of CRITICAL"},
      {"PatroniStorage", "/patroni", R"({"logging": {"storageLimit": "24M"}})",
       "spec.patroni.logging.storageLimit", "25M"},
      {"FailoverTarget", "/patroni", R"({"switchover": {"enabled": true, "type": "Failover"}})",
       "spec.patroni.switchover", "targetInstance"},
      {"SupplementalGroup", "/supplementalGroups", "[0]", "spec.supplementalGroups", "from 1"},
      {"InitSqlKey", "/databaseInitSQL", R"({"name": "sql", "key": "../x"})",
       "spec.databaseInitSQL.key", ".."},
  };
  return kRules;
}
INSTANTIATE_TEST_SUITE_P(Basic, EveryRule, testing::ValuesIn(basic_rules()), name_of);

const std::vector<Rule>& user_rules() {
  static const std::vector<Rule> kRules{
      {"Name", "/users", R"([{"name": "Rhino"}])", "spec.users[0].name", "lower-case"},
      {"Twice", "/users", R"([{"name": "a"}, {"name": "a"}])", "spec.users[1].name", "unique name"},
      {"DatabaseTwice", "/users", R"([{"name": "a", "databases": ["x", "x"]}])",
       "spec.users[0].databases", "once"},
      {"DatabaseEmpty", "/users", R"([{"name": "a", "databases": [""]}])",
       "spec.users[0].databases", "1 to 63"},
      {"Semicolon", "/users", R"([{"name": "a", "options": "LOGIN; DROP"}])",
       "spec.users[0].options", "semicolons"},
      {"Password", "/users", R"([{"name": "a", "options": "password 'x'"}])",
       "spec.users[0].options", "PASSWORD"},
      {"Comment", "/users", R"([{"name": "a", "options": "LOGIN --x"}])", "spec.users[0].options",
       "comments"},
      {"PasswordType", "/users", R"([{"name": "a", "password": {"type": "Emoji"}}])",
       "spec.users[0].password.type", "choose one of ASCII, AlphaNumeric"},
  };
  return kRules;
}
INSTANTIATE_TEST_SUITE_P(Users, EveryRule, testing::ValuesIn(user_rules()), name_of);

std::string rule_of(const std::string& rule) { return R"({"rules": [)" + rule + "]}"; }

const std::vector<Rule>& authentication_rules() {
  static const std::string kRule = "spec.authentication.rules[0]";
  static const std::vector<Rule> kRules{
      {"Both", "/authentication", rule_of(R"({"hba": "local all all peer", "method": "md5"})"),
       kRule + ".hba", "not both"},
      {"Connection", "/authentication", rule_of(R"({"method": "md5"})"), kRule + ".connection",
       "hostssl"},
      {"Method", "/authentication", rule_of(R"({"connection": "host"})"), kRule + ".method",
       "scram-sha-256"},
      {"Trust", "/authentication", rule_of(R"({"connection": "host", "method": "trust"})"),
       kRule + ".method", "authenticates the client"},
      {"Include", "/authentication", rule_of(R"({"hba": "  include x"})"), kRule + ".hba",
       "include"},
      {"Printable", "/authentication", rule_of(R"({"hba": "a\nb"})"), kRule + ".hba", "one line"},
      {"Ldap", "/authentication", rule_of(R"({"connection": "host", "method": "ldap"})"),
       kRule + ".options", "ldapbasedn"},
      {"LdapMixed", "/authentication", rule_of(R"({"connection": "host", "method": "ldap",
                   "options": {"ldapprefix": "a", "ldapbasedn": "b"}})"),
       kRule + ".options", "not both"},
      {"Radius", "/authentication",
       rule_of(R"({"connection": "host", "method": "radius", "options": {"radiusservers": "a"}})"),
       kRule + ".options", "radiussecrets"},
  };
  return kRules;
}
INSTANTIATE_TEST_SUITE_P(Authentication, EveryRule, testing::ValuesIn(authentication_rules()),
                         name_of);

std::string backups_of(const std::string& repo) {
  return R"({"pgbackrest": {"repos": [)" + repo + "]}}";
}

const std::vector<Rule>& backup_rules() {
  static const std::string kFirstRepo = "spec.backups.pgbackrest.repos[0]";
  static const std::vector<Rule> kRules{
      {"NoRepos", "/backups", R"({"pgbackrest": {"repos": []}})", "spec.backups.pgbackrest.repos",
       "at least one"},
      {"RepoName", "/backups", backups_of(R"({"name": "repo12", "gcs": {"bucket": "b"}})"),
       kFirstRepo + ".name", "repo1 to repo4"},
      {"NoPlace", "/backups", backups_of(R"({"name": "repo1"})"), kFirstRepo, "exactly one"},
      {"TwoPlaces", "/backups",
       backups_of(R"({"name": "repo1", "gcs": {"bucket": "b"}, "azure": {"container": "c"}})"),
       kFirstRepo, "exactly one"},
      {"S3", "/backups", backups_of(R"({"name": "repo1", "s3": {"bucket": "b", "endpoint": "e"}})"),
       kFirstRepo + ".s3.region", "name the region"},
      {"SourceOnAVolume", "/dataSource",
       R"({"pgbackrest": {"repo": {"name": "repo1", "volume": {"volumeClaimSpec": {"accessModes": ["ReadWriteOnce"],
           "resources": {"requests": {"storage": "1Gi"}}}}}}})",
       "spec.dataSource.pgbackrest.repo", "azure, gcs or s3"},
      {"SourceWithoutRepository", "/dataSource", R"({"pgbackrest": {"stanza": "db"}})",
       "spec.dataSource.pgbackrest.repo", "describe the repository"},
      {"Stanza", "/dataSource",
       R"({"pgbackrest": {"repo": {"name": "repo1", "gcs": {"bucket": "b"}}, "stanza": "../db"}})",
       "spec.dataSource.pgbackrest.stanza", "letters, digits"},
      {"Schedule", "/backups",
       backups_of(R"({"name": "repo1", "gcs": {"bucket": "b"}, "schedules": {"full": "daily"}})"),
       kFirstRepo + ".schedules.full", "cron"},
      {"Ttl", "/backups",
       R"({"pgbackrest": {"repos": [{"name": "repo1", "gcs": {"bucket": "b"}}],
                          "jobs": {"ttlSecondsAfterFinished": 59}}})",
       "spec.backups.pgbackrest.jobs.ttlSecondsAfterFinished", "60"},
      {"StandbyNowhere", "/standby", "{}", "spec.standby", "the source of the standby's data"},
      {"StandbyRepo", "/standby", R"({"repoName": "repo1"})", "spec.standby",
       "one of spec.backups"},
      {"StandbyOfItself", "/standby", R"({"host": "hippo-primary.zoo.svc"})", "spec.standby.host",
       "not of this one"},
      {"StandbyHost", "/standby", R"({"host": "/var/run/postgresql"})", "spec.standby.host",
       "a DNS name"},
      {"StandbyPort", "/standby", R"({"host": "h", "port": 22})", "spec.standby.port", "1024"},
      {"PgBouncerPort", "/proxy", R"({"pgBouncer": {"port": 22}})", "spec.proxy.pgBouncer.port",
       "1024"},
  };
  return kRules;
}
INSTANTIATE_TEST_SUITE_P(Backups, EveryRule, testing::ValuesIn(backup_rules()), name_of);

TEST(Parameters, ThoseThatTheOperatorDecidesAreMistakes) {
  for (const char* const name : {"config_file",
                                 "data_directory",
                                 "external_pid_file",
                                 "hba_file",
                                 "ident_file",
                                 "listen_addresses",
                                 "port",
                                 "ssl",
                                 "ssl_ca_file",
                                 "unix_socket_directories",
                                 "wal_log_hints",
                                 "archive_mode",
                                 "archive_command",
                                 "restore_command",
                                 "recovery_target",
                                 "recovery_target_time",
                                 "hot_standby",
                                 "synchronous_standby_names",
                                 "primary_conninfo",
                                 "primary_slot_name",
                                 "recovery_min_apply_delay",
                                 "cluster_name",
                                 "logging_collector",
                                 "log_file_mode"}) {
    EXPECT_THAT(
        mistakes_in(with("/config", {{"parameters", {{name, "x"}}}})),
        ElementsAre(StartsWith(std::string("spec.config.parameters.") + name + " is \"x\"")));
  }
}

TEST(Parameters, WalLevelMayOnlyBeLogical) {
  EXPECT_THAT(mistakes_in(with("/config/parameters/wal_level", "logical")), IsEmpty());
  EXPECT_THAT(mistakes_in(with("/config/parameters/wal_level", "minimal")),
              ElementsAre(HasSubstr("wal_level is \"minimal\"")));
}

TEST(Parameters, SslGroupsNeedPostgres18) {
  json resource = with("/config/parameters/ssl_groups", "X25519");
  EXPECT_THAT(mistakes_in(resource), ElementsAre(HasSubstr("ssl_groups")));
  resource["spec"]["postgresVersion"] = 18;
  EXPECT_THAT(mistakes_in(resource), IsEmpty());
}

TEST(Parameters, TheCurveAndOrdinaryOnesAreTheUsersOwn) {
  const json parameters = {{"ssl_ecdh_curve", "prime256v1"}, {"work_mem", "8MB"}, {"jit", 1}};
  EXPECT_THAT(mistakes_in(with("/config", {{"parameters", parameters}})), IsEmpty());
}

TEST(Parameters, AtMost50) {
  json parameters = json::object();
  for (int i = 0; i < 51; ++i) parameters["a.p" + std::to_string(i)] = i;
  EXPECT_THAT(mistakes_in(with("/config", {{"parameters", parameters}})),
              ElementsAre(HasSubstr("at most 50")));
}

TEST(Secrecy, OptionsAndHbaLinesAreNeverRepeated) {
  const json user = {{"name", "a"}, {"options", "PASSWORD 'canary'"}};
  const json line = {{"hba", "include canary"}};
  const json ldap = {{"connection", "host"}, {"method", "ldap"}, {"options", {{"x", "canary"}}}};
  for (const json& resource :
       {with("/users", json::array({user})), with("/authentication", {{"rules", {line}}}),
        with("/authentication", {{"rules", {ldap}}})}) {
    const std::vector<std::string> mistakes = mistakes_in(resource);
    ASSERT_EQ(mistakes.size(), 1U) << testing::PrintToString(mistakes);
    EXPECT_THAT(mistakes[0], HasSubstr("(not shown)"));
    EXPECT_THAT(mistakes[0], testing::Not(HasSubstr("canary")));
  }
}

}  // namespace
}  // namespace annals::spec
