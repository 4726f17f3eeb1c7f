#include "process/settings.h"

#include <gmock/gmock.h>

namespace annals::process {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

Chosen chosen(std::vector<const char*> arguments, std::vector<const char*> environment = {}) {
  arguments.insert(arguments.begin(), "annals-operator");
  environment.push_back(nullptr);
  return choose(static_cast<int>(arguments.size()), arguments.data(), environment.data());
}

Settings settings(std::vector<const char*> arguments, std::vector<const char*> environment = {}) {
  Chosen all = chosen(std::move(arguments), std::move(environment));
  EXPECT_TRUE(all.settings.has_value());
  return all.settings.value_or(Settings{});
}

TEST(SettingsTest, HaveDefaultsThatFitOurManifests) {
  const Settings plain = settings({});
  EXPECT_EQ(plain.journal, "/journal");
  EXPECT_EQ(plain.kubeconfig, "");
  EXPECT_EQ(plain.name_space, "postgres-operator");
  EXPECT_THAT(plain.target_namespaces, IsEmpty());
  EXPECT_EQ(plain.lease, "annals-leader");
  EXPECT_EQ(plain.listen, ":8081");
  EXPECT_EQ(plain.log_format, LogFormat::kJson);
  EXPECT_FALSE(plain.debug);
  EXPECT_FALSE(plain.initial_events);
  EXPECT_THAT(plain.ignored, IsEmpty());
}

TEST(SettingsTest, KeepVolumesOfDeletedClustersForATimeThatIsOne) {
  EXPECT_EQ(settings({}).keep_deleted_volumes, "");
  EXPECT_EQ(settings({"--keep-deleted-volumes", "7d"}).keep_deleted_volumes, "7d");
  for (const char* text : {"", "a week", "7", "d", "-1d"})
    EXPECT_FALSE(chosen({"--keep-deleted-volumes", text}).settings) << text;
}

TEST(SettingsTest, PlaceBackupsByALabelOfNodes) {
  EXPECT_EQ(settings({}).backup_topology_key, "");
  EXPECT_EQ(
      settings({"--backup-topology-key", "topology.kubernetes.io/region"}).backup_topology_key,
      "topology.kubernetes.io/region");
  for (const char* text : {"", "a region", "region=eu"})
    EXPECT_FALSE(chosen({"--backup-topology-key", text}).settings) << text;
}

TEST(SettingsTest, PromoteAsOtherOperatorsDoUnlessAskedToWait) {
  EXPECT_EQ(settings({}).standby_promotion, "compatible");
  EXPECT_EQ(settings({"--standby-promotion", "guarded"}).standby_promotion, "guarded");
  EXPECT_FALSE(chosen({"--standby-promotion", "never"}).settings);
}

TEST(SettingsTest, NameClustersInMetricsOnRequest) {
  EXPECT_FALSE(settings({}).metrics_per_cluster);
  EXPECT_TRUE(settings({"--metrics-per-cluster"}).metrics_per_cluster);
}

TEST(SettingsTest, TakePgosEnvironment) {
  const Settings given = settings(
      {}, {"PGO_NAMESPACE=operators", "PGO_CONTROLLER_LEASE_NAME=the-lease", "CRUNCHY_DEBUG=true",
           "KUBECONFIG=/some/file", "KUBERNETES_SERVICE_HOST=10.0.0.1",
           "KUBERNETES_SERVICE_PORT=443", "HOSTNAME=pgo-1", "PGO_FEATURE_GATES=AllAlpha=true",
           "RELATED_IMAGE_POSTGRES_16=a/b:16", "RELATED_IMAGE_POSTGRES_16_GIS_3.4=a/gis",
           "RELATED_IMAGE_PGBOUNCER=", "ANNALS_LOG_FORMAT=text", "ANNALS_LISTS=events"});
  EXPECT_TRUE(given.initial_events);
  EXPECT_EQ(given.name_space, "operators");
  EXPECT_EQ(given.lease, "the-lease");
  EXPECT_TRUE(given.debug);
  EXPECT_EQ(given.kubeconfig, "/some/file");
  EXPECT_EQ(given.service_host, "10.0.0.1");
  EXPECT_EQ(given.service_port, "443");
  EXPECT_EQ(given.identity, "pgo-1");
  EXPECT_EQ(given.feature_gates, "AllAlpha=true");
  EXPECT_EQ(given.log_format, LogFormat::kText);
  EXPECT_THAT(given.images, ElementsAre(Pair("RELATED_IMAGE_POSTGRES_16", "a/b:16"),
                                        Pair("RELATED_IMAGE_POSTGRES_16_GIS_3.4", "a/gis")));
}

TEST(SettingsTest, SplitNamespacesAsPgoDoes) {
  EXPECT_THAT(settings({}, {"PGO_TARGET_NAMESPACE=zoo", "PGO_TARGET_NAMESPACES=a,b c;zoo"})
                  .target_namespaces,
              ElementsAre("a", "b", "c", "zoo"));
}

TEST(SettingsTest, LetFlagsWinOverTheEnvironment) {
  const Settings given =
      settings({"--target-namespace", "x", "--target-namespace", "y", "--namespace", "mine",
                "--log-format", "json", "--listen", "127.0.0.1:1", "--lease", "l"},
               {"PGO_TARGET_NAMESPACES=a,b", "PGO_NAMESPACE=theirs", "ANNALS_LOG_FORMAT=text",
                "PGO_CONTROLLER_LEASE_NAME=theirs"});
  EXPECT_THAT(given.target_namespaces, ElementsAre("x", "y"));
  EXPECT_EQ(given.name_space, "mine");
  EXPECT_EQ(given.log_format, LogFormat::kJson);
  EXPECT_EQ(given.listen, "127.0.0.1:1");
  EXPECT_EQ(given.lease, "l");
}

TEST(SettingsTest, NameWhatHasNoEffect) {
  EXPECT_THAT(settings({}, {"PGO_WORKERS=4", "TOKEN_PATH=", "PATH=/bin"}).ignored,
              ElementsAre("PGO_WORKERS"));
}

TEST(SettingsTest, AreNoneWhenTheCommandLineIsWrong) {
  testing::internal::CaptureStderr();
  const Chosen wrong = chosen({"--log-format", "xml"});
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_FALSE(wrong.settings);
  EXPECT_EQ(wrong.status, 2);
  EXPECT_NE(said.find("--log-format"), std::string::npos) << said;
}

TEST(SettingsTest, AreNoneWhenATargetNamesNoNamespace) {
  for (const char* target :
       {"--target-namespace=", "--target-namespace= ,", "--target-namespace=*"}) {
    testing::internal::CaptureStderr();
    const Chosen wrong = chosen({target});
    EXPECT_NE(testing::internal::GetCapturedStderr().find("--target-namespace"), std::string::npos)
        << target;
    EXPECT_FALSE(wrong.settings) << target;
    EXPECT_EQ(wrong.status, 2) << target;
  }
}

TEST(SettingsTest, AreNoneWhenHelpIsAskedFor) {
  testing::internal::CaptureStdout();
  const Chosen help = chosen({"--help"});
  EXPECT_NE(testing::internal::GetCapturedStdout().find("--target-namespace"), std::string::npos);
  EXPECT_FALSE(help.settings);
  EXPECT_EQ(help.status, 0);
}

}  // namespace
}  // namespace annals::process
