#include "manifests/desired.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "base/concat.h"
#include "manifests/backup_jobs.h"
#include "manifests/disruption_budgets.h"
#include "manifests/images.h"
#include "manifests/instance.h"
#include "manifests/json.h"
#include "manifests/object.h"
#include "manifests/patroni.h"
#include "manifests/pgbackrest.h"
#include "manifests/pgbackrest_config.h"
#include "manifests/rbac.h"
#include "manifests/services.h"

namespace annals::manifests {
namespace {

Desired desired(Rank rank, const Json& object) {
  const Json& metadata = object["metadata"];
  return {{object["apiVersion"].text(), object["kind"].text(), metadata["namespace"].text(),
           metadata["name"].text()},
          rank,
          Manifest{canonical(object)}};
}

class DesiredSet {
 public:
  void add(Rank rank, const Json& object) { by_rank_[rank].push_back(desired(rank, object)); }
  void add(Rank rank, const std::vector<Json>& objects) {
    for (const Json& object : objects) add(rank, object);
  }
  void add(Desired one) { by_rank_[one.rank].push_back(std::move(one)); }
  void add(Rank rank, SecretRecipe recipe) {
    const SecretObject& secret = secret_of(recipe);
    ObjectName name{std::string(kSecret.api_version), std::string(kSecret.kind),
                    secret.namespace_name, secret.name};
    by_rank_[rank].push_back({std::move(name), rank, std::move(recipe)});
  }

  std::vector<Desired> in_order() && {
    std::vector<Desired> all;
    for (auto& [rank, items] : by_rank_) {
      std::ranges::move(items, std::back_inserter(all));
    }
    return all;
  }

 private:
  std::map<Rank, std::vector<Desired>> by_rank_;
};

void add_cluster(DesiredSet& set, const spec::PostgresCluster& cluster, const Observed& observed) {
  set.add(Rank::kAuthority, SecretRecipe(root_authority(cluster)));
  set.add(Rank::kIdentity, instance_rbac(cluster, observed));
  set.add(Rank::kNetwork, pods_service(cluster, observed));
  set.add(Rank::kNetwork, leader_service(cluster, observed));
  set.add(Rank::kNetwork, leader_config_service(cluster, observed));
  set.add(Rank::kNetwork, primary_service(cluster, observed));
  set.add(Rank::kNetwork, replica_service(cluster, observed));
  if (auto endpoints = desired_endpoints(cluster, observed)) set.add(*std::move(endpoints));
  set.add(Rank::kConfiguration, cluster_config_map(cluster, observed));
  if (auto secret = server_certificate(cluster, observed)) {
    set.add(Rank::kConfiguration, SecretRecipe(*std::move(secret)));
  }
  if (auto secret = replication_certificate(cluster)) {
    set.add(Rank::kConfiguration, SecretRecipe(*std::move(secret)));
  }
  for (const spec::User& user : spec::effective_users(cluster)) {
    set.add(Rank::kConfiguration, SecretRecipe(user_secret(cluster, user)));
  }
}

void add_backups(DesiredSet& all, const spec::PostgresCluster& cluster, const Observed& observed) {
  if (!spec::has_backups(cluster)) return;
  all.add(Rank::kIdentity, pgbackrest_rbac(cluster, observed));
  all.add(Rank::kConfiguration, pgbackrest_config_map(cluster, observed));
  all.add(Rank::kConfiguration, SecretRecipe(pgbackrest_certificates(cluster, observed)));
  if (observed.replica_create_backup_complete && missing_images(cluster, observed).empty()) {
    all.add(Rank::kPolicy, backup_cron_jobs(cluster, observed));
  }
  if (!has_volume_repository(cluster)) return;
  all.add(Rank::kIdentity, repo_host_account(cluster, observed));
  all.add(Rank::kStorage, repository_claims(cluster, observed));
  if (missing_images(cluster, observed).empty()) {
    all.add(Rank::kWorkload, repo_host(cluster, observed));
  }
}

void add_instance(DesiredSet& all, const spec::PostgresCluster& cluster, const Observed& observed,
                  const spec::InstanceSet& set, const Instance& instance) {
  all.add(Rank::kConfiguration, instance_config_map(cluster, observed, set, instance));
  all.add(Rank::kConfiguration,
          SecretRecipe(instance_certificates(cluster, observed, set, instance)));
  all.add(Rank::kStorage, instance_volume_claims(cluster, observed, set, instance));
  if (missing_images(cluster, observed).empty()) {
    all.add(Rank::kWorkload, instance_stateful_set(cluster, observed, set, instance));
  }
}

}  // namespace

std::string to_string(const ObjectName& name) {
  return concat(name.api_version, "/", name.kind, " ", name.namespace_name, "/", name.name);
}

std::optional<Desired> desired_endpoints(const spec::PostgresCluster& cluster,
                                         const Observed& observed) {
  const std::optional<Json> endpoints = primary_endpoints(cluster, observed);
  if (!endpoints) return std::nullopt;
  return desired(Rank::kNetwork, *endpoints);
}

std::vector<Desired> desired_objects(const spec::PostgresCluster& cluster,
                                     const Observed& observed) {
  DesiredSet all;
  add_cluster(all, cluster, observed);
  add_backups(all, cluster, observed);
  for (const spec::InstanceSet& set : cluster.spec.instances) {
    if (const auto budget = disruption_budget(cluster, observed, set)) {
      all.add(Rank::kPolicy, *budget);
    }
    const auto found = observed.instances.find(set.name);
    if (found == observed.instances.end()) continue;
    for (const Instance& instance : found->second) {
      add_instance(all, cluster, observed, set, instance);
    }
  }
  return std::move(all).in_order();
}

}  // namespace annals::manifests
