#include "fsm/view/shutdown_receipt.h"

#include <algorithm>
#include <variant>

#include "fsm/text/say.h"
#include "fsm/view/rendering.h"
#include "fsm/view/standby.h"
#include "manifests/names.h"
#include "manifests/pgbackrest/pgbackrest_config.h"

namespace annals::fsm {
namespace {

bool is_instance_in_spec(ClusterState& state, const std::string& instance) {
  return std::ranges::any_of(rendered(state).world.instances, [&](const auto& set) {
    return std::ranges::find(set.second, instance, &manifests::Instance::name) != set.second.end();
  });
}

}  // namespace

// What never had a database has no history, and a standby's is another cluster's.
bool is_receipt_needed(ClusterState& state) {
  return state.phase == ProvisionPhase::kDone && !follows_another(state);
}

Message obstacle_to_receipt(ClusterState& state) {
  if (state.receipt && state.receipt->its) return {};
  if (state.startup_instance.empty()) return say::primary_before_shutdown_unknown();
  if (!is_instance_in_spec(state, state.startup_instance))
    return say::instance_to_be_in_spec(state.startup_instance);
  return state.receipt && state.receipt->impossible ? state.receipt->failure : Message();
}

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
