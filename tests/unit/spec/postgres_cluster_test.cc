// What a resource becomes: defaults, names, what is reported, and that reading never fails.
#include "spec/postgres_cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/spec/resource.h"

namespace annals::spec {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(PostgresCluster, TheSmallestOneHasEveryDefault) {
  const PostgresCluster cluster = cluster_from(good_resource());
  EXPECT_EQ(cluster.name, "hippo");
  EXPECT_EQ(cluster.namespace_name, "zoo");
  EXPECT_EQ(cluster.spec.port, 5432);
  EXPECT_EQ(cluster.spec.patroni.leader_lease_duration_seconds, 30);
  EXPECT_EQ(cluster.spec.patroni.sync_period_seconds, 10);
  EXPECT_EQ(cluster.spec.patroni.port, 8008);
  EXPECT_EQ(cluster.spec.instances.at(0).replicas, 1);
  EXPECT_EQ(cluster.spec.service.type, ServiceType::kClusterIp);
  EXPECT_FALSE(cluster.spec.shutdown);
  EXPECT_FALSE(has_backups(cluster));
}

TEST(PostgresCluster, SetsWithoutANameAreNumberedByPosition) {
  json resource = good_resource();
  json& sets = resource["spec"]["instances"];
  sets[0].erase("name");
  sets.push_back({{"name", ""}, {"dataVolumeClaimSpec", good_claim()}});
  const PostgresCluster cluster = cluster_from(resource);
  EXPECT_EQ(cluster.spec.instances[0].name, "00");
  EXPECT_EQ(cluster.spec.instances[1].name, "01");
}

TEST(PostgresCluster, WithoutUsersThereIsOneNamedAsTheCluster) {
  const std::vector<User> users = effective_users(cluster_from(good_resource()));
  ASSERT_EQ(users.size(), 1U);
  EXPECT_EQ(users[0].name, "hippo");
  EXPECT_THAT(users[0].databases, ElementsAre("hippo"));
}

TEST(PostgresCluster, AnEmptyListOfUsersMeansNone) {
  EXPECT_THAT(effective_users(cluster_from(with("/users", json::array()))), IsEmpty());
}

TEST(PostgresCluster, TheOrderOfKeysMakesNoDifference) {
  const std::string one = R"({"metadata":{"name":"a"},"spec":{"postgresVersion":15,"instances":[
    {"affinity":{"x":1,"y":[2]},"dataVolumeClaimSpec":{"accessModes":["a"],"resources":{"requests":{"storage":1}}}}]}})";
  const std::string other = R"({"spec":{"instances":[
    {"dataVolumeClaimSpec":{"resources":{"requests":{"storage":1}},"accessModes":["a"]},"affinity":{"y":[2],"x":1}}],
    "postgresVersion":15},"metadata":{"name":"a"}})";
  EXPECT_EQ(read_postgres_cluster(one).cluster, read_postgres_cluster(other).cluster);
}

TEST(PostgresCluster, NullIsTheSameAsAbsent) {
  EXPECT_EQ(cluster_from(with("/port", nullptr)), cluster_from(good_resource()));
}

TEST(PostgresCluster, AllMistakesAreReportedAndNotOnlyTheFirst) {
  json resource = with("/port", 80);
  resource["spec"]["postgresVersion"] = 9;
  resource["spec"]["instances"][0].erase("dataVolumeClaimSpec");
  EXPECT_THAT(mistakes_in(resource),
              ElementsAre("spec.postgresVersion is 9: choose a major version from 11 to 18",
                          "spec.port is 80: choose a port from 1024 to 65535",
                          "spec.instances[0].dataVolumeClaimSpec is missing: define the volume "
                          "claim of the data directory"));
  const Error error = parse_postgres_cluster(resource.dump()).error();
  EXPECT_EQ(error.code, Errc::kInvalid);
  EXPECT_THAT(error.detail, HasSubstr("spec.port is 80"));
  EXPECT_THAT(error.detail, HasSubstr("spec.postgresVersion is 9"));
}

TEST(PostgresCluster, FieldsThatNothingUsesYetAreReported) {
  EXPECT_THAT(unused_in(with("/monitoring", {{"pgmonitor", json::object()}})),
              ElementsAre("spec.monitoring has no effect in this version"));
  EXPECT_THAT(
      unused_in(with("/instances/0/dataVolumeClaimSpec/autoGrow", {{"trigger", 80}})),
      ElementsAre("spec.instances[0].dataVolumeClaimSpec.autoGrow has no effect in this version"));
}

TEST(PostgresCluster, MisspelledFieldsAreReportedAtAnyDepth) {
  EXPECT_THAT(unused_in(with("/prot", 1)), ElementsAre("spec.prot is not a field of this API"));
  EXPECT_THAT(unused_in(with("/instances/0/replica", 2)),
              ElementsAre("spec.instances[0].replica is not a field of this API"));
  EXPECT_THAT(unused_in(good_resource()), IsEmpty());
}

TEST(PostgresCluster, TextThatIsNoObjectIsOneMistake) {
  const std::string deep(200, '[');
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("[]"), deep, std::string("\"\xff\"")}) {
    const Reading reading = read_postgres_cluster(text);
    ASSERT_EQ(reading.findings.mistakes.size(), 1U) << text;
    EXPECT_EQ(reading.findings.mistakes[0].field, "resource");
  }
}

TEST(PostgresCluster, AWrongTypeAnywhereIsAMistakeWithItsPath) {
  EXPECT_THAT(mistakes_in(with("/port", "5432")),
              ElementsAre("spec.port is \"5432\": give a whole number of 32 bits"));
  EXPECT_THAT(mistakes_in(with("/instances", json::object())),
              ElementsAre("spec.instances is {}: give a list"));
  EXPECT_THAT(mistakes_in(with("/instances/0", 7)),
              ElementsAre("spec.instances[0] is 7: give an object"));
  EXPECT_THAT(mistakes_in(with("/shutdown", "yes")),
              ElementsAre("spec.shutdown is \"yes\": give true or false"));
  EXPECT_THAT(mistakes_in(with("/metadata", {{"labels", {{"a", 1}}}})),
              ElementsAre("spec.metadata.labels.a is 1: give a string; put the value in quotes"));
  EXPECT_THAT(mistakes_in(with("/supplementalGroups", json::array({1.5}))),
              ElementsAre("spec.supplementalGroups[0] is 1.5: give a whole number"));
}

TEST(PostgresCluster, LongValuesAreShortenedInMessages) {
  const std::vector<std::string> mistakes = mistakes_in(with("/port", std::string(500, 'x')));
  ASSERT_EQ(mistakes.size(), 1U);
  EXPECT_LT(mistakes[0].size(), 150U);
}

TEST(PostgresCluster, ANameThatServicesCannotHaveIsAMistake) {
  json resource = good_resource();
  resource["metadata"]["name"] = "1hippo";
  EXPECT_THAT(mistakes_in(resource), ElementsAre(HasSubstr("metadata.name is \"1hippo\"")));
}

TEST(PostgresCluster, AStoreThatPatroniDoesNotHaveHereIsAMistake) {
  constexpr const char* kStore = "postgres-operator.crunchydata.com/patroni-store";
  json resource = good_resource();
  for (const char* store : {"endpoints", "configmaps"}) {
    resource["metadata"]["annotations"][kStore] = store;
    EXPECT_THAT(mistakes_in(resource), IsEmpty()) << store;
  }
  resource["metadata"]["annotations"][kStore] = "etcd";
  EXPECT_THAT(mistakes_in(resource),
              ElementsAre(testing::AllOf(HasSubstr(kStore), HasSubstr("\"etcd\""),
                                         HasSubstr("set endpoints or configmaps"))));
}

TEST(PostgresCluster, NamesOfClusterAndSetMayHave46CharactersTogether) {
  json resource = good_resource();
  resource["metadata"]["name"] = std::string(23, 'c');
  resource["spec"]["instances"][0]["name"] = std::string(23, 's');
  EXPECT_THAT(mistakes_in(resource), IsEmpty());
  resource["spec"]["instances"][0]["name"] = std::string(24, 's');
  EXPECT_THAT(mistakes_in(resource), ElementsAre(HasSubstr("46 characters together")));
}

TEST(PostgresCluster, WhatIsPrintedReadsBackAsTheSame) {
  json resource = with("/backups", json::parse(R"({"pgbackrest": {"repos": [
    {"name": "repo2", "s3": {"bucket": "b", "endpoint": "e", "region": "r"}}]}})"));
  resource["spec"]["users"] = json::array();
  resource["spec"]["patroni"] = {{"logging", {{"storageLimit", "1Gi"}}}};
  const PostgresCluster cluster = cluster_from(resource);
  const Result<PostgresCluster> again = parse_postgres_cluster(print_postgres_cluster(cluster));
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(*again, cluster);
}

}  // namespace
}  // namespace annals::spec
