// Repositories of each kind in every mix: what pgBackRest is told in each of its files, the
// credentials and identities that its pods have, and which objects there are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/concat.h"
#include "manifests/cluster/desired.h"
#include "manifests/cluster/rbac.h"
#include "manifests/instance/instance.h"
#include "manifests/pgbackrest/backup_jobs.h"
#include "manifests/pgbackrest/drill_job.h"
#include "manifests/pgbackrest/pgbackrest.h"
#include "manifests/pgbackrest/pgbackrest_config.h"
#include "manifests/pgbackrest/repository_reader.h"
#include "manifests/pgbackrest/restore_jobs.h"
#include "tests/unit/manifests/clusters.h"

namespace annals::manifests {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kInstances = R"json("postgresVersion": 15,
  "instances": [{"name": "instance1", "dataVolumeClaimSpec": {"accessModes": ["ReadWriteOnce"],
                 "resources": {"requests": {"storage": "1Gi"}}}}])json";

// What stands behind the name of a repository, by its kind.
const std::map<std::string, std::string>& kinds() {
  static const std::map<std::string, std::string> all{
      {"volume", R"("volume": {"volumeClaimSpec": {"accessModes": ["ReadWriteOnce"],
                               "resources": {"requests": {"storage": "1Gi"}}}})"},
      {"s3", R"("s3": {"bucket": "b", "endpoint": "s3.example.com", "region": "north"})"},
      {"gcs", R"("gcs": {"bucket": "g"})"},
      {"azure", R"("azure": {"container": "c"})"}};
  return all;
}

// The lines of each that make it what it is.
const std::map<std::string, std::vector<std::string>>& lines_of_stores() {
  static const std::map<std::string, std::vector<std::string>> all{
      {"s3", {"type=s3", "s3-bucket=b", "s3-endpoint=s3.example.com", "s3-region=north"}},
      {"gcs", {"type=gcs", "gcs-bucket=g"}},
      {"azure", {"type=azure", "azure-container=c"}}};
  return all;
}

using Mix = std::vector<std::string>;  // the kinds of repo1, repo2 and so on

spec::PostgresCluster cluster_with(const Mix& mix, const std::string& rest = "") {
  std::string repos;
  for (std::size_t i = 0; i < mix.size(); ++i)
    repos += concat(i == 0 ? "" : ",", R"({"name": "repo)", i + 1, R"(", )", kinds().at(mix[i]),
                    R"(, "schedules": {"full": "0 1 * * 0"}})");
  return cluster_of("hippo", concat("{", kInstances, R"(, "backups": {"pgbackrest": {)", rest,
                                    R"("repos": [)", repos, "]}}}"));
}

std::string name_of_mix(const Mix& mix) {
  std::string name;
  for (const std::string& kind : mix) name += concat(name.empty() ? "" : "+", kind);
  return name;
}

// Every kind at each of up to four places: 340 clusters.
std::vector<Mix> mixes() {
  std::vector<Mix> all;
  std::vector<Mix> last{{}};
  for (int places = 1; places <= 4; ++places) {
    std::vector<Mix> next;
    for (const Mix& mix : last) {
      for (const auto& [kind, text] : kinds()) {
        next.push_back(mix);
        next.back().push_back(kind);
      }
    }
    all.insert(all.end(), next.begin(), next.end());
    last = std::move(next);
  }
  return all;
}

std::set<std::string> lines_of(const Json& text) {
  std::set<std::string> lines;
  std::istringstream in(text.get<std::string>());
  for (std::string line; std::getline(in, line);) lines.insert(line);
  return lines;
}

std::set<std::string> lines_about(const std::set<std::string>& lines, const std::string& repo) {
  std::set<std::string> about;
  for (const std::string& line : lines)
    if (line.starts_with(repo + "-")) about.insert(line);
  return about;
}

std::set<std::string> lines_expected(const std::string& repo, const std::string& kind,
                                     bool host_elsewhere) {
  std::set<std::string> lines{concat(repo, "-path=/pgbackrest/", repo)};
  if (kind == "volume" && host_elsewhere) {
    constexpr const char* kFiles = "/etc/pgbackrest/conf.d/~postgres-operator/";
    lines.insert({concat(repo, "-host=hippo-repo-host-0.hippo-pods.zoo.svc.",
                         observed_hippo().cluster_domain),
                  concat(repo, "-host-type=tls"), concat(repo, "-host-user=postgres"),
                  concat(repo, "-host-ca-file=", kFiles, "tls-ca.crt"),
                  concat(repo, "-host-cert-file=", kFiles, "client-tls.crt"),
                  concat(repo, "-host-key-file=", kFiles, "client-tls.key")});
  }
  if (kind != "volume")
    for (const std::string& line : lines_of_stores().at(kind))
      lines.insert(concat(repo, "-", line));
  return lines;
}

TEST(Repositories, EachFileTellsOfThoseThatItsReaderReaches) {
  for (const Mix& mix : mixes()) {
    SCOPED_TRACE(name_of_mix(mix));
    const Json data = pgbackrest_config_map(cluster_with(mix), observed_hippo())["data"];
    const bool volume = std::ranges::count(mix, "volume") > 0;
    const bool store = std::ranges::any_of(mix, [](const auto& kind) { return kind != "volume"; });
    ASSERT_EQ(data.contains(kRepoHostConf), volume);
    ASSERT_EQ(data.contains(kCloudConf), store);
    for (std::size_t i = 0; i < mix.size(); ++i) {
      const std::string repo = concat("repo", i + 1);
      ASSERT_EQ(lines_about(lines_of(data[kInstanceConf]), repo),
                lines_expected(repo, mix[i], true));
      if (volume) {
        ASSERT_EQ(lines_about(lines_of(data[kRepoHostConf]), repo),
                  lines_expected(repo, mix[i], false));
      }
      if (store) {
        ASSERT_EQ(
            lines_about(lines_of(data[kCloudConf]), repo),
            mix[i] == "volume" ? std::set<std::string>() : lines_expected(repo, mix[i], false));
      }
    }
  }
}

TEST(Repositories, OnlyVolumesHaveAHostAndClaims) {
  for (const Mix& mix : mixes()) {
    SCOPED_TRACE(name_of_mix(mix));
    int hosts = 0;
    int accounts = 0;
    int claims = 0;
    for (const Desired& one : desired_objects(cluster_with(mix), observed_hippo())) {
      hosts += int{one.object.kind == "StatefulSet" && one.object.name == "hippo-repo-host"};
      accounts += int{one.object.kind == "ServiceAccount" && one.object.name == "hippo-repohost"};
      claims += int{one.object.kind == "PersistentVolumeClaim" &&
                    one.object.name.starts_with("hippo-repo")};
    }
    const auto volumes = std::ranges::count(mix, "volume");
    ASSERT_EQ(hosts, volumes > 0 ? 1 : 0);
    ASSERT_EQ(accounts, hosts);
    ASSERT_EQ(claims, volumes);
  }
}

TEST(Repositories, ABackupRunsWhereItsRepositoryIsReached) {
  for (const Mix& mix : mixes()) {
    SCOPED_TRACE(name_of_mix(mix));
    const std::vector<Json> jobs = backup_cron_jobs(cluster_with(mix), observed_hippo());
    ASSERT_EQ(jobs.size(), mix.size());
    for (std::size_t i = 0; i < mix.size(); ++i) {
      const Json& pod = jobs[i]["spec"]["jobTemplate"]["spec"]["template"]["spec"];
      const std::string command = pod["containers"][0]["command"].dump();
      const std::string conf = pod["volumes"][0].dump();
      ASSERT_EQ(command.contains("/opt/crunchy/bin/pgbackrest"), mix[i] == "volume");
      ASSERT_THAT(conf, HasSubstr(mix[i] == "volume" ? kRepoHostConf : kCloudConf));
    }
  }
}

constexpr const char* kOptions = R"json("configuration": [{"secret": {"name": "keys"}}], "global": {
  "repo1-cipher-type": "aes-256-cbc", "repo1-s3-uri-style": "path", "repo1-s3-key-type": "web-id",
  "repo1-storage-ca-file": "/etc/pgbackrest/conf.d/ca.crt", "repo1-bundle": "y",
  "repo1-block": "y", "repo2-gcs-key-type": "auto", "repo3-azure-key-type": "auto",
  "repo3-storage-verify-tls": "n", "repo3-azure-uri-style": "path", "repo2-path": "/mine",
  "repo2-gcs-endpoint": "gcs.example.com", "repo3-s3-bucket": "of-no-use",
  "repo2-storage-upload-chunk-size": "64MiB", "repo1-retention-full": "2"}, )json";

TEST(Repositories, OptionsOfGlobalStandInEveryFileAsTheyAreGiven) {
  const spec::PostgresCluster cluster = cluster_with({"s3", "gcs", "azure", "volume"}, kOptions);
  const Json data = pgbackrest_config_map(cluster, observed_hippo())["data"];
  const auto& given = pgbackrest_of(cluster).global;
  ASSERT_EQ(given.size(), 15U);
  for (const char* file : {kInstanceConf, kRepoHostConf, kCloudConf}) {
    const std::set<std::string> lines = lines_of(data[file]);
    for (const auto& [key, value] : given)
      EXPECT_THAT(lines, Contains(concat(key, "=", value))) << file;
    EXPECT_THAT(lines, Not(Contains("repo2-path=/pgbackrest/repo2"))) << file;
  }
}

// --- credentials

constexpr const char* kCredentials = R"json("configuration": [
  {"secret": {"name": "keys", "items": [{"key": "aws", "path": "s3.conf"},
                                        {"key": "google", "path": "gcs-key.json"}]}},
  {"configMap": {"name": "authorities", "items": [{"key": "root", "path": "ca.crt"}]}},
  {"secret": {"name": "azure"}}], )json";

// The sources of the volume that is mounted at /etc/pgbackrest/conf.d.
Json configuration_in(const Json& pod) {
  for (const Json& volume : pod["volumes"])
    if (volume["name"] == "pgbackrest-config") return volume["projected"]["sources"];
  return {};
}

// Every pod in which pgBackRest runs or may run, by what it is for.
std::map<std::string, Json> pods_of(const spec::PostgresCluster& cluster) {
  const Observed observed = observed_hippo();
  const auto& [set, instances] = *observed.instances.begin();
  const auto of = [](const Json& object) { return object["spec"]["template"]["spec"]; };
  const auto backup = [&](const char* repo) {
    return of(backup_job(cluster, observed, {"job", BackupPurpose::kManual, repo, {}, "now"}));
  };
  RestoreJob restore{.id = "now", .instance = instances.front().name, .repo = "repo1"};
  DrillJob drill{.id = "now", .repo = "repo1", .set = "s", .timeline = "1", .archive = "15-1"};
  ArchiveJob archive{.id = "now", .instance = instances.front().name, .repo = "repo1"};
  return {{"instance", of(instance_stateful_set(cluster, observed, cluster.spec.instances.front(),
                                                instances.front()))},
          {"repository host", of(repo_host(cluster, observed))},
          {"backup to a store", backup("repo1")},
          {"backup to the volume", backup("repo4")},
          {"reader", of(repository_reader(cluster, observed))},
          {"archive", of(archive_job(cluster, observed, archive))},
          {"restore", of(restore_job(cluster, observed, restore))},
          {"drill", of(drill_job(cluster, observed, drill))}};
}

TEST(Repositories, CredentialsStandBesideTheConfigurationWhereverPgBackRestRuns) {
  const auto cluster = cluster_with({"s3", "gcs", "azure", "volume"}, kCredentials);
  const Json given = value_of(pgbackrest_of(cluster).configuration);
  ASSERT_EQ(given.size(), 3U);
  for (const auto& [what, pod] : pods_of(cluster)) {
    const Json sources = configuration_in(pod);
    ASSERT_GT(sources.size(), given.size()) << what;
    for (std::size_t i = 0; i < given.size(); ++i) EXPECT_EQ(sources[i], given[i]) << what;
    bool mounted = false;
    for (const Json& container : pod["containers"]) {
      if (!container.contains("volumeMounts")) continue;
      for (const Json& mount : container["volumeMounts"])
        mounted |=
            mount["name"] == "pgbackrest-config" && mount["mountPath"] == "/etc/pgbackrest/conf.d";
    }
    EXPECT_TRUE(mounted) << what;
  }
}

// A changed Secret reaches the files, and pgBackRest reads them whenever it starts.
TEST(Repositories, NoPodSaysAnythingOfTheContentOfCredentials) {
  const auto cluster = cluster_with({"s3", "gcs", "azure", "volume"}, kCredentials);
  for (const auto& [what, pod] : pods_of(cluster)) {
    EXPECT_THAT(pod.dump(), Not(HasSubstr("resourceVersion"))) << what;
    for (const Json& container : pod["containers"])
      for (const Json& mount : container["volumeMounts"])
        EXPECT_FALSE(mount.contains("subPath")) << what << ": such a file never changes";
  }
}

// --- identities of a cloud

constexpr const char* kIdentities = R"json({"postgresVersion": 15,
  "metadata": {"annotations": {"eks.amazonaws.com/role-arn": "of-all", "of": "all"}},
  "instances": [{"name": "instance1", "dataVolumeClaimSpec": {"accessModes": ["ReadWriteOnce"],
                 "resources": {"requests": {"storage": "1Gi"}}}}],
  "backups": {"pgbackrest": {
    "metadata": {"annotations": {"eks.amazonaws.com/role-arn": "of-backups"},
                 "labels": {"azure.workload.identity/use": "true"}},
    "global": {"repo1-s3-key-type": "web-id"},
    "repos": [
      {"name": "repo1", "s3": {"bucket": "b", "endpoint": "e", "region": "r"}},
      {"name": "repo4", "volume": {"volumeClaimSpec": {"accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}}}}}]}}})json";

// The account of an instance has none of pgBackRest's metadata, as with PGO.
TEST(Repositories, AccountsHaveTheAnnotationsOfTheirPartAndPodsUseThem) {
  const spec::PostgresCluster cluster = cluster_of("hippo", kIdentities);
  const Observed observed = observed_hippo();
  const std::map<std::string, Json> accounts{
      {"hippo-instance", instance_rbac(cluster, observed).account},
      {"hippo-pgbackrest", pgbackrest_rbac(cluster, observed).account},
      {"hippo-repohost", repo_host_account(cluster, observed)}};
  for (const auto& [name, account] : accounts) {
    EXPECT_EQ(account["metadata"]["name"], name);
    EXPECT_EQ(account["metadata"]["annotations"]["of"], "all");
    EXPECT_EQ(account["metadata"]["annotations"]["eks.amazonaws.com/role-arn"],
              name == "hippo-instance" ? "of-all" : "of-backups");
  }
  const std::map<std::string, std::string> expected{{"instance", "hippo-instance"},
                                                    {"repository host", "hippo-repohost"},
                                                    {"backup to a store", "hippo-pgbackrest"},
                                                    {"backup to the volume", "hippo-pgbackrest"},
                                                    {"reader", "hippo-instance"},
                                                    {"archive", "hippo-instance"},
                                                    {"restore", "hippo-instance"},
                                                    {"drill", "hippo-instance"}};
  std::map<std::string, std::string> used;
  for (const auto& [what, pod] : pods_of(cluster))
    used[what] = pod["serviceAccountName"].get<std::string>();
  EXPECT_EQ(used, expected);
}

// What a cloud puts into a pod is a token in a file that the pod's group alone can read.
TEST(Repositories, PodsThatReachAStoreCanReadTheTokenOfACloud) {
  for (const auto& [what, pod] : pods_of(cluster_of("hippo", kIdentities)))
    EXPECT_EQ(pod["securityContext"]["fsGroup"], 26) << what;
}

}  // namespace
}  // namespace annals::manifests
