#include "manifests/cluster/disruption_budgets.h"

#include "manifests/labels.h"
#include "manifests/names.h"
#include "manifests/object.h"

namespace annals::manifests {

std::optional<Json> disruption_budget(const spec::PostgresCluster& cluster,
                                      const Observed& observed, const spec::InstanceSet& set) {
  Json minimum = value_of(set.min_available);
  if (minimum.is_null()) minimum = set.replicas > 1 ? 1 : 0;
  if (minimum == 0 || minimum == "0%") return std::nullopt;
  const Labels labels{{label::kCluster, cluster.name}, {label::kInstanceSet, set.name}};
  const Kind kind{observed.disruption_budget_api, "PodDisruptionBudget"};
  Json budget =
      owned_object(kind, cluster, observed, names::disruption_budget(cluster.name, set.name),
                   labels, &set.metadata);
  budget["spec"] = {{"minAvailable", minimum}, {"selector", match_labels(labels)}};
  return budget;
}

}  // namespace annals::manifests
