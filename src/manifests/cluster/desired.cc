#include "manifests/cluster/desired.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "base/concat.h"
#include "manifests/cluster/disruption_budgets.h"
#include "manifests/cluster/rbac.h"
#include "manifests/cluster/services.h"
#include "manifests/images.h"
#include "manifests/instance/instance.h"
#include "manifests/instance/patroni.h"
#include "manifests/json.h"
#include "manifests/object.h"
#include "manifests/pgbackrest/backup_jobs.h"
#include "manifests/pgbackrest/clone_source.h"
#include "manifests/pgbackrest/pgbackrest.h"
#include "manifests/pgbackrest/pgbackrest_config.h"
#include "manifests/pgbackrest/repository_reader.h"

namespace annals::manifests {
namespace {

Rank next(Rank rank) { return static_cast<Rank>(static_cast<int>(rank) + 1); }

Desired desired(Rank rank, const Json& object) {
  const Json& metadata = object["metadata"];
  return {.object = {object["apiVersion"].text(), object["kind"].text(),
                     metadata["namespace"].text(), metadata["name"].text()},
          .rank = rank,
          .bootstrap_input = BootstrapInput::kNone,
          .content = Manifest{canonical(object)}};
}

class DesiredSet {
 public:
  void add(Rank rank, const Json& object) { at(rank).push_back(desired(rank, object)); }
  void add(Rank rank, const std::vector<Json>& objects) {
    for (const Json& object : objects) add(rank, object);
  }
  void add(std::vector<Desired> others) {
    for (Desired& one : others) at(one.rank).push_back(std::move(one));
  }
  void add(Rank rank, SecretRecipe recipe) {
    const SecretObject& secret = secret_of(recipe);
    ObjectName name{std::string(kSecret.api_version), std::string(kSecret.kind),
                    secret.namespace_name, secret.name};
    at(rank).push_back({std::move(name), rank, BootstrapInput::kNone, std::move(recipe)});
  }

  std::vector<Desired> in_order() && {
    std::vector<Desired> all;
    std::size_t size = 0;
    for (const auto& [rank, items] : by_rank_) size += items.size();
    all.reserve(size);
    for (auto& [rank, items] : by_rank_) {
      std::ranges::move(items, std::back_inserter(all));
    }
    return all;
  }

 private:
  std::vector<Desired>& at(Rank rank) {
    constexpr std::size_t kUsual = 8;
    std::vector<Desired>& items = by_rank_[rank];
    if (items.empty()) items.reserve(kUsual);
    return items;
  }

  std::map<Rank, std::vector<Desired>> by_rank_;
};

void add(DesiredSet& set, Rank rank, const AccountRights& rights) {
  set.add(rank, {rights.account, rights.role});
  set.add(next(rank), rights.binding);
}

void add_cluster(DesiredSet& set, const spec::PostgresCluster& cluster, const Observed& observed) {
  set.add(Rank::kGround, SecretRecipe(root_authority(cluster)));
  add(set, Rank::kGround, instance_rbac(cluster, observed));
  set.add(Rank::kGround, pods_service(cluster, observed));
  set.add(Rank::kGround, leader_service(cluster, observed));
  if (!observed.config_maps) set.add(Rank::kGround, leader_config_service(cluster, observed));
  set.add(Rank::kRest, primary_service(cluster, observed));
  set.add(Rank::kRest, replica_service(cluster, observed));
  set.add(Rank::kBound, SecretRecipe(server_certificate(cluster, observed)));
  set.add(Rank::kBound, SecretRecipe(replication_certificate(cluster)));
  for (const spec::User& user : spec::effective_users(cluster)) {
    set.add(Rank::kRest, SecretRecipe(user_secret(cluster, user)));
  }
}

void add_backups(DesiredSet& all, const spec::PostgresCluster& cluster, const Observed& observed) {
  if (!spec::has_backups(cluster)) return;
  add(all, Rank::kRest, pgbackrest_rbac(cluster, observed));
  all.add(Rank::kGround, pgbackrest_config_map(cluster, observed));
  all.add(Rank::kBound, SecretRecipe(pgbackrest_certificates(cluster, observed)));
  if (!has_volume_repository(cluster)) return;
  all.add(Rank::kRest, repo_host_account(cluster, observed));
  all.add(Rank::kRest, repository_claims(cluster, observed));
  if (missing_images(cluster, observed).empty()) {
    all.add(Rank::kRestBound, repo_host(cluster, observed));
  }
}

template <typename Function>
void for_each_instance(const spec::PostgresCluster& cluster, const Observed& observed,
                       const Function& visit) {
  for (const spec::InstanceSet& set : cluster.spec.instances) {
    const auto found = observed.instances.find(set.name);
    if (found == observed.instances.end()) continue;
    for (const Instance& instance : found->second) visit(set, instance);
  }
}

bool has_schedules(const spec::PostgresCluster& cluster, const Observed& observed) {
  const bool are_wanted =
      observed.bootstrap_state.replica_create_backup_complete || observed.schedules_rest;
  return spec::has_backups(cluster) && are_wanted && missing_images(cluster, observed).empty();
}

void add_instance(DesiredSet& all, const spec::PostgresCluster& cluster, const Observed& observed,
                  const spec::InstanceSet& set, const Instance& instance) {
  all.add(Rank::kBound, SecretRecipe(instance_certificates(cluster, observed, set, instance)));
  all.add(Rank::kGround, instance_volume_claims(cluster, observed, set, instance));
  if (missing_images(cluster, observed).empty()) {
    all.add(Rank::kWorkload, instance_stateful_set(cluster, observed, set, instance));
  }
}

Observed with_one_input(Observed observed, BootstrapInput bootstrap_input) {
  BootstrapState& bootstrap_state = observed.bootstrap_state;
  if (bootstrap_input != BootstrapInput::kBootstrapped) {
    bootstrap_state.bootstrapped = false;
    bootstrap_state.failsafe = true;
    bootstrap_state.restored = false;
  }
  if (bootstrap_input != BootstrapInput::kLeaderAddress) bootstrap_state.leader_cluster_ip.clear();
  if (bootstrap_input != BootstrapInput::kBackup)
    bootstrap_state.replica_create_backup_complete = false;
  return observed;
}

void add_source(DesiredSet& all, const spec::PostgresCluster& cluster, const Observed& observed) {
  if (observed.source) {
    all.add(Rank::kGround, clone_source_config_map(cluster, observed));
    for (CopiedSecret& secret : clone_source_secrets(cluster, observed))
      all.add(Rank::kGround, SecretRecipe(std::move(secret)));
  }
  if (observed.reads_repository && missing_images(cluster, observed).empty())
    all.add(Rank::kWorkload, repository_reader(cluster, observed));
}

void add_independent(DesiredSet& all, const spec::PostgresCluster& cluster,
                     const Observed& observed) {
  add_cluster(all, cluster, observed);
  add_backups(all, cluster, observed);
  add_source(all, cluster, observed);
  for (const spec::InstanceSet& set : cluster.spec.instances) {
    if (const auto budget = disruption_budget(cluster, observed, set)) {
      all.add(Rank::kPolicy, *budget);
    }
  }
  for_each_instance(cluster, observed, [&](const spec::InstanceSet& set, const Instance& instance) {
    add_instance(all, cluster, observed, set, instance);
  });
}

// Replicas are made from the backup, and the schedules begin.
void add_what_a_backup_allows(DesiredSet& all, const spec::PostgresCluster& cluster,
                              const Observed& observed) {
  for_each_instance(cluster, observed, [&](const spec::InstanceSet& set, const Instance& instance) {
    all.add(Rank::kGround, instance_config_map(cluster, observed, set, instance));
  });
  if (has_schedules(cluster, observed)) {
    all.add(Rank::kPolicy, backup_cron_jobs(cluster, observed));
  }
}

}  // namespace

std::string to_string(const ObjectName& name) {
  return concat(name.api_version, "/", name.kind, " ", name.namespace_name, "/", name.name);
}

std::vector<Desired> objects_of(BootstrapInput bootstrap_input,
                                const spec::PostgresCluster& cluster, const Observed& everything) {
  // Nothing can depend on what it is not told.
  const Observed observed = with_one_input(everything, bootstrap_input);
  DesiredSet all;
  switch (bootstrap_input) {
    case BootstrapInput::kNone:
      add_independent(all, cluster, observed);
      break;
    case BootstrapInput::kBootstrapped:
      all.add(Rank::kGround, cluster_config_map(cluster, observed));
      break;
    case BootstrapInput::kLeaderAddress:
      if (const auto endpoints = primary_endpoints(cluster, observed)) {
        all.add(Rank::kRest, *endpoints);
      }
      break;
    case BootstrapInput::kBackup:
      add_what_a_backup_allows(all, cluster, observed);
      break;
  }
  std::vector<Desired> objects = std::move(all).in_order();
  for (Desired& one : objects) one.bootstrap_input = bootstrap_input;
  return objects;
}

std::vector<BootstrapInput> inputs_between(const BootstrapState& before,
                                           const BootstrapState& after) {
  std::vector<BootstrapInput> bootstrap_inputs;
  if (before.bootstrapped != after.bootstrapped || before.failsafe != after.failsafe ||
      before.restored != after.restored)
    bootstrap_inputs.push_back(BootstrapInput::kBootstrapped);
  if (before.leader_cluster_ip != after.leader_cluster_ip)
    bootstrap_inputs.push_back(BootstrapInput::kLeaderAddress);
  if (before.replica_create_backup_complete != after.replica_create_backup_complete)
    bootstrap_inputs.push_back(BootstrapInput::kBackup);
  return bootstrap_inputs;
}

std::vector<Desired> desired_objects(const spec::PostgresCluster& cluster,
                                     const Observed& observed) {
  DesiredSet all;
  for (const BootstrapInput bootstrap_input :
       {BootstrapInput::kNone, BootstrapInput::kBootstrapped, BootstrapInput::kLeaderAddress,
        BootstrapInput::kBackup}) {
    all.add(objects_of(bootstrap_input, cluster, observed));
  }
  return std::move(all).in_order();
}

}  // namespace annals::manifests
