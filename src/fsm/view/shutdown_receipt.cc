#include "fsm/view/shutdown_receipt.h"

#include <variant>

#include "fsm/view/rendering.h"
#include "fsm/view/standby.h"
#include "manifests/names.h"
#include "manifests/pgbackrest/pgbackrest_config.h"

namespace annals::fsm {

bool is_receipt_awaited(const ClusterState& state) {
  return std::holds_alternative<Shutdown>(state.operation) ||
         name_of(state.operation) == kDemotionName;
}

bool is_kept_from_writing(const ClusterState& state) {
  return is_receipt_awaited(state) || is_configured_standby(state);
}

std::vector<const spec::Repository*> stores_of_receipt(ClusterState& state) {
  const Rendered& all = rendered(state);
  std::vector<const spec::Repository*> stores;
  for (const spec::Repository& repo : spec::repositories(all.cluster)) {
    if (!repo.volume && !all.world.withheld_repositories.contains(repo.name))
      stores.push_back(&repo);
  }
  return stores;
}

std::vector<std::string> stores_without_receipt(ClusterState& state) {
  std::vector<std::string> without;
  for (const spec::Repository* repo : stores_of_receipt(state)) {
    const std::string place = manifests::repository_options_hash(*repo);
    const auto* its = state.receipt ? &state.receipt->written : nullptr;
    const bool is_there =
        its != nullptr && its->contains(repo->name) && its->at(repo->name) == place;
    if (!is_there) without.push_back(repo->name);
  }
  return without;
}

bool is_receipt_complete(ClusterState& state) {
  return state.receipt && state.receipt->its && stores_without_receipt(state).empty();
}

ObjectRef receipt_job_ref(const ClusterState& state) {
  return {.api_version = "batch/v1",
          .kind = "Job",
          .name_space = state.spec->name_space,
          .name = manifests::names::receipt_job(state.spec->name)};
}

const ObjectObserved* receipt_job(const ClusterState& state) {
  const auto job = state.objects.find(receipt_job_ref(state));
  return job == state.objects.end() ? nullptr : &job->second;
}

}  // namespace annals::fsm
