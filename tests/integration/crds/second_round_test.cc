// What the server adds to objects of ours is no drift: every object of every cluster that the
// golden files show is applied to a real API server twice, and there is nothing to write in the
// second round.
#include <map>

#include "lens/object.h"
#include "manifests/cluster/desired.h"
#include "manifests/pgbackrest/backup_jobs.h"
#include "tests/integration/crds/own_server.h"
#include "tests/unit/manifests/clusters.h"

namespace annals::e2e {
namespace {

using manifests::Desired;
using manifests::Observed;

class SecondRound : public OwnServer {
 protected:
  struct Seen {
    std::string version;
    std::string digest;
    json object;
  };

  static void SetUpTestSuite() {
    OwnServer::SetUpTestSuite();
    is_served_ = kubectl_must("api-versions");
  }
  static bool serves(const std::string& api_version) {
    return is_served_.contains(api_version + "\n");
  }
  static Observed as_served(Observed observed) {
    observed.cron_job_api = serves("batch/v1") && serves_cron_job() ? "batch/v1" : "batch/v1beta1";
    observed.disruption_budget_api = serves("policy/v1") ? "policy/v1" : "policy/v1beta1";
    observed.bootstrap_state.replica_create_backup_complete = true;
    return observed;
  }
  // By what it knows: a build may say anything of its version.
  static bool is_older_than_1_21() {
    static const bool kIsOlder = kubectl("explain service.spec.internalTrafficPolicy").status != 0;
    return kIsOlder;
  }
  // Its kubectl has no other way, and no flag for it.
  static const char* with_managed_fields() {
    return is_older_than_1_21() ? "" : "--show-managed-fields ";
  }
  static bool serves_cron_job() {
    return kubectl_must("api-resources --api-group batch -o name").contains("cronjobs") &&
           kubectl("explain cronjobs --api-version batch/v1").status == 0;
  }

  // This server has addresses of one family only, and refuses another; an old one refuses what it
  // does not know.
  static std::string as_this_server_takes_it(const std::string& manifest) {
    json object = json::parse(manifest);
    if (object["kind"] == "Service") {
      object["spec"].erase("ipFamilies");
      object["spec"].erase("ipFamilyPolicy");
      if (is_older_than_1_21()) object["spec"].erase("internalTrafficPolicy");
    }
    return object.dump();
  }
  static std::vector<std::string> manifests_of(const spec::PostgresCluster& cluster,
                                               const Observed& observed) {
    std::vector<std::string> all;
    for (const Desired& one : manifests::desired_objects(cluster, observed)) {
      if (const auto* manifest = std::get_if<manifests::Manifest>(&one.content))
        all.push_back(as_this_server_takes_it(manifest->json));
    }
    if (!spec::has_backups(cluster)) return all;
    for (const auto purpose :
         {manifests::BackupPurpose::kStanza, manifests::BackupPurpose::kReplicaCreate}) {
      const manifests::BackupJob job{
          .name = "job-" + std::to_string(all.size()),
          .purpose = purpose,
          .repo = spec::repositories(cluster).front().name,
          .options = {},
          .id = {},
      };
      all.push_back(manifests::backup_job_manifest(cluster, observed, job));
    }
    return all;
  }

  static Seen seen_in(const std::string& text) {
    k8s::JsonReader reader;
    const Result<fsm::ObjectObserved> view = lens::read_answer(reader, text);
    EXPECT_TRUE(view) << text;
    if (!view) return {};
    EXPECT_NE(view->digest, "") << "no field of it is ours: " << text;
    return {.version = std::to_string(view->version),
            .digest = view->digest,
            .object = json::parse(text)};
  }
  static Seen apply(const std::string& manifest) {
    const files::path file = directory_ / "second-round.json";
    std::ofstream(file) << manifest;
    return seen_in(
        kubectl_must(std::string("apply --server-side --force-conflicts --field-manager annals ") +
                     with_managed_fields() + "-o json -f " + file.string()));
  }
  static Seen get(const json& object) {
    const json& metadata = object.at("metadata");
    return seen_in(kubectl_must(std::string("get ") + with_managed_fields() + "-o json -n " +
                                metadata.at("namespace").get<std::string>() + " " +
                                object.at("kind").get<std::string>() + " " +
                                metadata.at("name").get<std::string>()));
  }

  static void expect_nothing_to_write(const spec::PostgresCluster& cluster,
                                      const Observed& observed) {
    if (kubectl("get namespace " + cluster.namespace_name).status != 0)
      kubectl_must("create namespace " + cluster.namespace_name);
    const std::vector<std::string> all = manifests_of(cluster, as_served(observed));
    std::vector<Seen> first;
    for (const std::string& manifest : all) first.push_back(apply(manifest));
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::string name = first[i].object["kind"].get<std::string>() + "/" +
                               first[i].object["metadata"]["name"].get<std::string>();
      EXPECT_EQ(get(first[i].object).digest, first[i].digest)
          << name << " looks changed as soon as it is read";
      const Seen second = apply(all[i]);
      EXPECT_EQ(second.digest, first[i].digest) << name;
      // A claim gets another version from each apply, also where nothing in it is another; in 1.20
      // so do objects with defaults deep inside.
      if (first[i].object["kind"] != "PersistentVolumeClaim" && !is_older_than_1_21())
        EXPECT_EQ(second.version, first[i].version) << name << " was written again";
    }
    EXPECT_GT(all.size(), 10U);
    // The next cluster has some of the same names, and volume claims cannot become others.
    kubectl_must("delete --wait=false --ignore-not-found namespace " + cluster.namespace_name);
  }

  inline static std::string is_served_;
};

TEST_F(SecondRound, OfTheSmallestClusterWritesNothing) {
  expect_nothing_to_write(manifests::hippo(), manifests::observed_hippo());
}

TEST_F(SecondRound, OfTwoSetsWritesNothing) {
  spec::PostgresCluster cluster = manifests::two_sets();
  cluster.namespace_name = "two-sets";
  expect_nothing_to_write(cluster, manifests::observed_two_sets());
}

TEST_F(SecondRound, OfEverythingCustomWritesNothing) {
  spec::PostgresCluster cluster = manifests::custom();
  cluster.namespace_name = "custom";
  expect_nothing_to_write(cluster, manifests::observed_custom());
}

}  // namespace
}  // namespace annals::e2e
