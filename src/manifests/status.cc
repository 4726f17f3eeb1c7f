#include "manifests/status.h"

#include <nlohmann/json.hpp>

namespace annals::manifests {
namespace {

nlohmann::json condition_of(const StatusCondition& condition, std::int64_t generation) {
  return {{"type", condition.type},
          {"status", condition.status ? "True" : "False"},
          {"reason", condition.reason},
          {"message", condition.message},
          {"lastTransitionTime", condition.last_transition_time},
          {"observedGeneration", generation}};
}

nlohmann::json instance_set_of(const InstanceSetStatus& set) {
  return {{"name", set.name}, {"replicas", set.replicas}, {"readyReplicas", set.ready_replicas}};
}

nlohmann::json pgbackrest_of(const StatusDocument& status) {
  nlohmann::json repos = nlohmann::json::array();
  for (const RepositoryStatus& repo : status.repositories) {
    repos.push_back({{"name", repo.name},
                     {"stanzaCreated", repo.stanza_created},
                     {"replicaCreateBackupComplete", repo.replica_create_backup_complete}});
  }
  nlohmann::json content = {{"repos", std::move(repos)}};
  if (status.has_repository_host) {
    content["repoHost"] = {{"apiVersion", "apps/v1"},
                           {"kind", "StatefulSet"},
                           {"ready", status.repository_host_ready}};
  }
  return content;
}

}  // namespace

std::string status_manifest(const StatusDocument& status) {
  nlohmann::json conditions = nlohmann::json::array();
  for (const StatusCondition& condition : status.conditions) {
    conditions.push_back(condition_of(condition, status.observed_generation));
  }
  nlohmann::json instances = nlohmann::json::array();
  for (const InstanceSetStatus& set : status.instances) instances.push_back(instance_set_of(set));
  nlohmann::json content = {{"observedGeneration", status.observed_generation},
                            {"conditions", std::move(conditions)},
                            {"instances", std::move(instances)}};
  if (!status.primary.empty()) content["patroni"]["primary"] = status.primary;
  if (!status.system_identifier.empty())
    content["patroni"]["systemIdentifier"] = status.system_identifier;
  if (!status.repositories.empty()) content["pgbackrest"] = pgbackrest_of(status);
  const nlohmann::json document = {
      {"apiVersion", "postgres-operator.crunchydata.com/v1beta1"},
      {"kind", "PostgresCluster"},
      {"metadata", {{"namespace", status.name_space}, {"name", status.name}}},
      {"status", std::move(content)}};
  return document.dump();
}

}  // namespace annals::manifests
