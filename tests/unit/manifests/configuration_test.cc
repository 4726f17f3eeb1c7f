// PostgreSQL's parameters, pg_hba.conf and Patroni's document: what wins over what, and in which
// order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "manifests/instance/hba.h"
#include "manifests/instance/parameters.h"
#include "manifests/instance/patroni.h"
#include "manifests/pgbackrest/pgbackrest_config.h"
#include "tests/unit/manifests/clusters.h"

namespace annals::manifests {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// The smallest cluster with one field of its spec replaced.
spec::PostgresCluster hippo_with(const std::string& field, const std::string& value) {
  Json resource = Json::parse(spec::print_postgres_cluster(hippo()));
  resource["spec"][field] = Json::parse(value);
  return spec::parse_postgres_cluster(resource.dump()).value();
}

constexpr const char* kRepo =
    R"({"pgbackrest": {"repos": [{"name": "repo2", "gcs": {"bucket": "b"}}]}})";

TEST(Parameters, WithoutBackupsArchivingDiscardsAndNothingIsRestored) {
  const Json parameters = postgres_parameters(hippo());
  EXPECT_EQ(parameters["archive_mode"], "on");
  EXPECT_EQ(parameters["archive_command"], "true");
  EXPECT_FALSE(parameters.contains("restore_command"));
}

TEST(Parameters, WithBackupsBothGoThroughPgBackRest) {
  const Json parameters = postgres_parameters(hippo_with("backups", kRepo));
  EXPECT_EQ(parameters["archive_command"],
            "grep -qs ^stopping postmaster.pid && "
            "pgbackrest --stanza=db --no-archive-async --io-timeout=10 archive-push \"%p\" || "
            "pgbackrest --stanza=db archive-push \"%p\"");
  EXPECT_THAT(parameters["restore_command"].get<std::string>(),
              HasSubstr(R"(pgbackrest --stanza=db archive-get "$1" "$2" || exit;)"));
}

TEST(Parameters, TheSpecificationWinsOverDynamicConfigurationAndThatOverDefaults) {
  const Json parameters = postgres_parameters(custom());
  EXPECT_EQ(parameters["max_connections"], "250");
  EXPECT_EQ(parameters["work_mem"], "8MB");
  EXPECT_EQ(parameters["jit"], "off");
}

TEST(Parameters, WhatTheOperatorDecidesWinsOverDynamicConfiguration) {
  const Json parameters = postgres_parameters(hippo_with(
      "patroni",
      R"({"dynamicConfiguration": {"postgresql": {"parameters": {"ssl": "off", "jit": "on"}}}})"));
  EXPECT_EQ(parameters["ssl"], "on");
  EXPECT_EQ(parameters["jit"], "on");
}

TEST(Parameters, LibrariesAreOursAndTheUsersEachOnceAndCitusFirst) {
  EXPECT_EQ(postgres_parameters(custom())["shared_preload_libraries"], "citus,pgaudit,timescaledb");
  const auto cluster = hippo_with(
      "config", R"({"parameters": {"shared_preload_libraries": "pgaudit, pg_cron,,pgaudit"}})");
  EXPECT_EQ(postgres_parameters(cluster)["shared_preload_libraries"], "pgaudit,pg_cron");
}

TEST(Parameters, HugePagesAreTriedWhereTheyAreClaimed) {
  Json resource = Json::parse(spec::print_postgres_cluster(hippo()));
  resource["spec"]["instances"][0]["resources"] =
      Json::parse(R"({"limits": {"hugepages-2Mi": "16Mi"}})");
  const auto cluster = spec::parse_postgres_cluster(resource.dump()).value();
  EXPECT_EQ(postgres_parameters(cluster)["huge_pages"], "try");
  EXPECT_EQ(postgres_parameters(hippo())["huge_pages"], "off");
}

TEST(Hba, WithoutRulesOfTheUserEverybodyNeedsAPasswordOverTls) {
  EXPECT_THAT(
      hba_rules(hippo()),
      ElementsAre(R"(local all "postgres" peer)", R"(hostssl replication "_crunchyrepl" all cert)",
                  R"(hostssl "postgres" "_crunchyrepl" all cert)",
                  R"(host all "_crunchyrepl" all reject)", R"(hostssl all "postgres" all cert)",
                  "hostssl all all all scram-sha-256"));
}

TEST(Hba, RulesOfTheUserReplaceTheLastAndComeInOrder) {
  std::vector<std::string> rules = hba_rules(custom());
  rules.erase(rules.begin(), rules.begin() + 5);
  EXPECT_THAT(rules,
              ElementsAre(R"(hostssl "zoo" "rhino","a""b" all cert)", "local all all scram-sha-256",
                          "hostnossl all all 10.0.0.0/8 reject",
                          R"(hostssl all all all ldap ldapbasedn="dc=zoo" ldapport="389")",
                          "host all all 192.168.0.0/16 md5"));
}

TEST(Hba, PgBouncersUserIsLetInAfterOurs) {
  const auto rules = hba_rules(hippo_with("proxy", R"({"pgBouncer": {}})"));
  EXPECT_EQ(rules.at(5), R"(hostssl all "_crunchypgbouncer" all scram-sha-256)");
  EXPECT_EQ(rules.at(6), R"(host all "_crunchypgbouncer" all reject)");
}

TEST(DynamicConfiguration, KeepsWhatTheUserSaysAndDecidesTheRest) {
  const Json dynamic = dynamic_configuration(custom(), observed_custom());
  EXPECT_EQ(dynamic["synchronous_mode"], true);
  EXPECT_EQ(dynamic["ttl"], 60);
  EXPECT_EQ(dynamic["loop_wait"], 5);
  EXPECT_EQ(dynamic["postgresql"]["use_slots"], true);
  EXPECT_EQ(dynamic["postgresql"]["use_pg_rewind"], true);
  EXPECT_EQ(dynamic_configuration(hippo(), observed_hippo())["postgresql"]["use_slots"], false);
}

TEST(PatroniConfiguration, GoesOnWithoutItsStoreUnlessTheSpecOrAnOlderClusterSaysOtherwise) {
  Observed observed = observed_hippo();
  spec::PostgresCluster cluster = hippo();
  EXPECT_EQ(dynamic_configuration(cluster, observed)["failsafe_mode"], true);
  observed.bootstrap_state.failsafe = false;
  EXPECT_FALSE(dynamic_configuration(cluster, observed).contains("failsafe_mode"));
  for (const bool is_new : {true, false}) {
    observed.bootstrap_state.failsafe = is_new;
    cluster.spec.patroni.dynamic_configuration = spec::Opaque{R"({"failsafe_mode":false})"};
    EXPECT_EQ(dynamic_configuration(cluster, observed)["failsafe_mode"], false);
    cluster.spec.patroni.dynamic_configuration = spec::Opaque{R"({"failsafe_mode":true})"};
    EXPECT_EQ(dynamic_configuration(cluster, observed)["failsafe_mode"], true);
  }
}

TEST(DynamicConfiguration, AStandbyFollowsAHostOrARepository) {
  Json resource = Json::parse(spec::print_postgres_cluster(hippo_with("backups", kRepo)));
  resource["spec"]["standby"] = Json::parse(R"({"host": "h", "port": 5433, "repoName": "repo2"})");
  const auto cluster = spec::parse_postgres_cluster(resource.dump()).value();
  const Json standby = dynamic_configuration(cluster, observed_hippo())["standby_cluster"];
  EXPECT_EQ(standby["host"], "h");
  EXPECT_EQ(standby["port"], 5433);
  EXPECT_EQ(standby["create_replica_methods"], Json::array({"pgbackrest", "basebackup"}));
  EXPECT_THAT(standby["restore_command"].get<std::string>(),
              HasSubstr(R"(pgbackrest --stanza=db archive-get "$1" "$2" --repo=2 || exit;)"));
}

TEST(DynamicConfiguration, WhatHasAPrimaryFollowsNobodyWhateverTheSpecificationSays) {
  Observed observed = observed_hippo();
  observed.keeps_primary = true;
  const Json dynamic = dynamic_configuration(standby(), observed);
  EXPECT_FALSE(dynamic.contains("standby_cluster"));
  EXPECT_THAT(dynamic["postgresql"]["parameters"]["restore_command"].get<std::string>(),
              Not(HasSubstr("--repo=")));
  const auto by_hand =
      hippo_with("patroni", R"({"dynamicConfiguration": {"standby_cluster": {"host": "h"}}})");
  EXPECT_TRUE(dynamic_configuration(by_hand, observed_hippo()).contains("standby_cluster"));
  EXPECT_FALSE(dynamic_configuration(by_hand, observed).contains("standby_cluster"));
}

// What Patroni reads as shlex does: one text in single quotes has none within.
TEST(DynamicConfiguration, AsksTheOtherClusterBeforeAMemberBecomesThePrimary) {
  Json resource = Json::parse(spec::print_postgres_cluster(hippo()));
  resource["spec"]["standby"] =
      Json::parse(R"({"enabled": false, "host": "rhino-primary.ns.svc,10.0.0.7", "port": 5433})");
  const auto cluster = spec::parse_postgres_cluster(resource.dump()).value();
  Observed observed = observed_hippo();
  EXPECT_FALSE(dynamic_configuration(cluster, observed)["postgresql"].contains("pre_promote"));
  observed.asks_before_it_leads = true;
  const std::string command =
      dynamic_configuration(cluster, observed)["postgresql"]["pre_promote"].get<std::string>();
  EXPECT_THAT(command, StartsWith("bash -c 'while IFS=: read -r key value; do "));
  EXPECT_THAT(command, HasSubstr("' annals-leader-check rhino-primary.ns.svc,10.0.0.7 "
                                 "\"port=5433 dbname=postgres user=_crunchyrepl sslmode=verify-ca "
                                 "sslcert=/tmp/replication/tls.crt"));
  EXPECT_EQ(std::ranges::count(command, '\''), 2);
  EXPECT_EQ(command.find_first_of("\n\\"), std::string::npos);
}

TEST(DynamicConfiguration, TheUsersOwnCommandBeforeAPromotionWins) {
  Json resource = Json::parse(spec::print_postgres_cluster(hippo()));
  resource["spec"]["standby"] = Json::parse(R"({"enabled": false, "host": "h"})");
  resource["spec"]["patroni"]["dynamicConfiguration"]["postgresql"]["pre_promote"] = "/bin/true";
  const auto cluster = spec::parse_postgres_cluster(resource.dump()).value();
  Observed observed = observed_hippo();
  observed.asks_before_it_leads = true;
  EXPECT_EQ(dynamic_configuration(cluster, observed)["postgresql"]["pre_promote"], "/bin/true");
}

TEST(DynamicConfiguration, OfAStandbyThatKeepsItsTimelineRewindsNothing) {
  Observed observed = observed_hippo();
  EXPECT_EQ(dynamic_configuration(standby(), observed)["postgresql"]["use_pg_rewind"], true);
  observed.kept_timeline = 3;
  const Json dynamic = dynamic_configuration(standby(), observed);
  EXPECT_EQ(dynamic["postgresql"]["use_pg_rewind"], false);
  EXPECT_EQ(dynamic["annals_keep_timeline"], "3");
  observed.keeps_primary = true;
  EXPECT_EQ(dynamic_configuration(standby(), observed)["postgresql"]["use_pg_rewind"], true);
}

TEST(InstanceConfigMap, OfAStandbyTakesTheRepositoryThatItFollows) {
  Observed observed = observed_hippo();
  const spec::PostgresCluster cluster = standby();
  const auto text = [&] {
    const spec::InstanceSet& set = cluster.spec.instances[0];
    return instance_config_map(cluster, observed, set, {"hippo-a"})["data"]["patroni.yaml"]
        .get<std::string>();
  };
  EXPECT_THAT(text(), HasSubstr("create_replica_methods:\n  - pgbackrest\n  - basebackup\n"));
  EXPECT_THAT(text(), HasSubstr("--repo=2 --link-map"));
  observed.keeps_primary = true;
  EXPECT_THAT(text(), HasSubstr("create_replica_methods:\n  - basebackup\n"));
}

TEST(ClusterConfigMap, HasTheDynamicConfigurationOnlyUntilTheDcsHasIt) {
  Observed observed = observed_hippo();
  const auto text = [&] {
    return cluster_config_map(hippo(), observed)["data"]["patroni.yaml"].get<std::string>();
  };
  EXPECT_THAT(text(), Not(HasSubstr("bootstrap:")));
  observed.bootstrap_state.bootstrapped = false;
  EXPECT_THAT(text(),
              HasSubstr("bootstrap:\n  dcs:\n    failsafe_mode: true\n    loop_wait: 10\n"));
}

TEST(InstanceConfigMap, ReplicasComeFromTheBackupOnceThereIsOne) {
  Observed observed = observed_two_sets();
  const spec::PostgresCluster cluster = two_sets();
  const auto text = [&] {
    const spec::InstanceSet& set = cluster.spec.instances[0];
    return instance_config_map(cluster, observed, set, {"zebra-big-bcdf"})["data"]["patroni.yaml"]
        .get<std::string>();
  };
  EXPECT_THAT(text(), HasSubstr("create_replica_methods:\n  - pgbackrest\n  - basebackup\n"));
  EXPECT_THAT(text(), HasSubstr("--repo=1 --link-map=pg_wal=/pgdata/pg17_wal --type=standby"));
  observed.bootstrap_state.replica_create_backup_complete = false;
  EXPECT_THAT(text(), HasSubstr("create_replica_methods:\n  - basebackup\n"));
}

// With a repository on a volume, and keys for all of pgBackRest's commands.
std::string instance_conf_with(const std::string& global) {
  const auto cluster =
      hippo_with("backups", R"({"pgbackrest": {"global": )" + global +
                                R"(, "repos": [{"name": "repo1", "volume": {"volumeClaimSpec": )"
                                R"({"accessModes": ["ReadWriteOnce"], )"
                                R"("resources": {"requests": {"storage": "1Gi"}}}}}]}})");
  return pgbackrest_config_map(cluster, observed_hippo())["data"][kInstanceConf].get<std::string>();
}

TEST(PgBackRestConfig, AStandbyGivesUpSoonOnARepositoryThatDoesNotAnswer) {
  EXPECT_THAT(instance_conf_with("{}"),
              HasSubstr("[db:archive-get]\ndb-timeout=10\nio-timeout=1\nprotocol-timeout=15\n"));
  const auto cloud = pgbackrest_config_map(hippo_with("backups", kRepo), observed_hippo());
  EXPECT_THAT(cloud["data"][kInstanceConf].get<std::string>(),
              HasSubstr("[db:archive-get]\ndb-timeout=10\nio-timeout=5\n"));
}

TEST(PgBackRestConfig, TimeLimitsOfTheUserHoldForAllCommands) {
  EXPECT_THAT(instance_conf_with(R"({"io-timeout": "7"})"),
              HasSubstr("[db:archive-get]\ndb-timeout=10\nprotocol-timeout=15\n"));
  EXPECT_THAT(instance_conf_with(R"({"db-timeout": "60"})"),
              HasSubstr("[db:archive-get]\nio-timeout=1\n"));
  EXPECT_THAT(instance_conf_with(R"({"io-timeout": "7", "protocol-timeout": "3600"})"),
              Not(HasSubstr("archive-get")));
}

// Only where it would hold up another one, and only what is no volume.
TEST(PgBackRestConfig, WalForAStoreWhoseStanzaFailedIsRefusedAtOnce) {
  constexpr const char* kVolume =
      R"({"name": "repo2", "volume": {"volumeClaimSpec": {"accessModes": ["ReadWriteOnce"],)"
      R"( "resources": {"requests": {"storage": "1Gi"}}}}})";
  constexpr const char* kStore = R"({"name": "repo1", "azure": {"container": "c"}})";
  Observed observed = observed_hippo();
  observed.stanzas_failed = {"repo1", "repo2"};
  const auto conf_of = [&](const std::string& repos) {
    const auto cluster = hippo_with("backups", R"({"pgbackrest": {"repos": [)" + repos + "]}}");
    return pgbackrest_config_map(cluster, observed)["data"][kInstanceConf].get<std::string>();
  };
  EXPECT_THAT(conf_of(concat(kStore, ", ", kVolume)),
              AllOf(HasSubstr("[db:archive-push]\nio-timeout=5\n"
                              "repo1-path=/stanza-create-failed/repo1\nrepo1-type=posix\n"),
                    HasSubstr("repo1-type=azure\n"), Not(HasSubstr("failed/repo2"))));
  EXPECT_THAT(conf_of(kStore), Not(HasSubstr("stanza-create-failed")));
  EXPECT_THAT(conf_of(kVolume), Not(HasSubstr("stanza-create-failed")));
}

// archive-push holds the lock of the archive for minutes while it tries a store that is lost.
TEST(PgBackRestConfig, StanzaCreateHasALockOfItsOwnOnTheInstances) {
  EXPECT_THAT(instance_conf_with("{}"),
              HasSubstr("[db:stanza-create]\nlock-path=/tmp/pgbackrest/stanza-create\n"));
  EXPECT_THAT(instance_conf_with(R"({"lock-path": "/pgdata/locks"})"),
              HasSubstr("[db:stanza-create]\nlock-path=/pgdata/locks/stanza-create\n"));
}

TEST(PgBackRestConfig, ALostStoreHoldsUpTheOthersForLessThanABackupWaits) {
  const auto with = [](const std::string& repositories, const std::string& global) {
    const auto cluster = hippo_with("backups", concat(R"({"pgbackrest": {"global": )", global,
                                                      R"(, "repos": [)", repositories, "]}}"));
    return pgbackrest_config_map(cluster, observed_hippo())["data"];
  };
  const std::string volume =
      R"({"name": "repo1", "volume": {"volumeClaimSpec": {"accessModes": ["ReadWriteOnce"], )"
      R"("resources": {"requests": {"storage": "1Gi"}}}}})";
  const std::string bucket = R"({"name": "repo2", "gcs": {"bucket": "b"}})";
  constexpr const char* kPush = "[db:archive-push]\nio-timeout=5\n";
  constexpr const char* kBackup = "[db:backup]\narchive-timeout=600\n";
  const Json both = with(concat(volume, ",", bucket), "{}");
  EXPECT_THAT(both[kInstanceConf].get<std::string>(), HasSubstr(kPush));
  EXPECT_THAT(both[kRepoHostConf].get<std::string>(), HasSubstr(kBackup));
  EXPECT_THAT(both[kCloudConf].get<std::string>(), HasSubstr(kBackup));
  const Json given =
      with(concat(volume, ",", bucket), R"({"io-timeout": "7", "archive-timeout": "90"})");
  EXPECT_THAT(given[kInstanceConf].get<std::string>(), Not(HasSubstr("archive-push")));
  EXPECT_THAT(given[kRepoHostConf].get<std::string>(), Not(HasSubstr("db:backup")));
  for (const std::string& alone : {volume, bucket})
    EXPECT_THAT(with(alone, "{}").dump(),
                AllOf(Not(HasSubstr("archive-push")), Not(HasSubstr("db:backup"))));
}

}  // namespace
}  // namespace annals::manifests
