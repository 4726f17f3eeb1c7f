// Volumes of a deleted cluster of this name become this one's: its instances come back by their
// names, each with its volumes, and the one that led then starts first.
#include <algorithm>
#include <utility>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/operations/clone_goals.h"
#include "fsm/operations/restore_goals.h"
#include "fsm/step/engine.h"
#include "fsm/text/say.h"
#include "fsm/view/data_source.h"
#include "fsm/view/kept_volumes.h"
#include "fsm/view/rendering.h"
#include "manifests/labels.h"
#include "manifests/names.h"

namespace annals::fsm::clone {
namespace {

constexpr const char* kReason = "InvalidTakeUp";
constexpr const char* kAnnotation = manifests::annotation::kTakeUpDeleted;

// What may change without another spec of this cluster.
RestoreRefusal refuse(Message text) { return {.reason = kReason, .text = text, .waits_for = text}; }

std::string deleted_of(ClusterState& state) {
  return clone_request(rendered(state).cluster).deleted;
}

// Its data, as the cluster would call that; whoever owns it.
const ObjectObserved* claim_called(const ClusterState& state, const std::string& usual) {
  const auto found = std::ranges::find_if(state.objects, [&](const auto& entry) {
    return is_claim(entry.first) && usual_name_of(entry.second) == usual;
  });
  return found == state.objects.end() ? nullptr : &found->second;
}

const spec::InstanceSet* set_of(ClusterState& state, const std::string& instance) {
  for (const spec::InstanceSet& set : rendered(state).cluster.spec.instances) {
    const auto names = state.instances.find(set.name);
    if (names != state.instances.end() &&
        std::ranges::find(names->second, instance) != names->second.end())
      return &set;
  }
  return nullptr;
}

RestoreRefusal trouble_with_leader(ClusterState& state, const std::string& deleted) {
  const std::string leader = leader_when_deleted(state, deleted);
  if (leader.empty())
    return refuse(say::leader_of_deleted_unknown(deleted, manifests::annotation::kLedWhenDeleted));
  const spec::InstanceSet* set = set_of(state, leader);
  if (set == nullptr) {
    const ObjectObserved* data = claim_called(state, manifests::names::data_volume(leader));
    return refuse(say::set_of_deleted_missing(
        leader, data == nullptr ? std::string() : data->fields.instance->set.value_or("")));
  }
  const bool has_wal = claim_called(state, manifests::names::wal_volume(leader)) != nullptr;
  if (has_wal == set->wal_volume_claim_spec.has_value()) return {};
  return refuse(has_wal ? say::wal_of_deleted_not_in_spec(leader, set->name)
                        : say::wal_of_deleted_missing(leader, set->name));
}

RestoreRefusal trouble_with_deleted(ClusterState& state) {
  RestoreRefusal mistake = mistake_in_clone(rendered(state).cluster, *state.config);
  if (!mistake.empty()) return mistake;
  const std::string deleted = deleted_of(state);
  const bool is_any = std::ranges::any_of(
      state.objects, [&](const auto& entry) { return is_of_deleted(entry.second, deleted); });
  if (!is_any) return refuse(say::volumes_of_deleted_missing(kAnnotation, deleted));
  return trouble_with_leader(state, deleted);
}

bool is_repository(ClusterState& state, const ObjectObserved& claim) {
  const spec::PostgresCluster& cluster = rendered(state).cluster;
  return std::ranges::any_of(spec::repositories(cluster), [&](const spec::Repository& repo) {
    return repo.volume &&
           usual_name_of(claim) == manifests::names::repo_volume(cluster.name, repo.name);
  });
}

std::vector<const ObjectObserved*> still_kept(ClusterState& state) {
  std::vector<const ObjectObserved*> claims = claims_kept_for(state, deleted_of(state));
  std::erase_if(claims, [&](const ObjectObserved* claim) {
    return set_of(state, claim->fields.instance->name.value_or("")) == nullptr &&
           !is_repository(state, *claim);
  });
  return claims;
}

}  // namespace

Wait deleted_volumes_taken_up(const OperationView& view) {
  ClusterState& state = view.state;
  const std::string& begun = restore::progress_of(state).clone->deleted;
  if (begun.empty()) return {.satisfied = true};
  if (deleted_of(state) != begun)
    return {.satisfied = false,
            .waits_for = say::take_up_to_be_put_back(kAnnotation, begun),
            .remedy = say::take_up_remedy(kAnnotation)};
  if (const RestoreRefusal trouble = trouble_with_deleted(state); !trouble.empty())
    return {.satisfied = false,
            .waits_for = say::take_up_possible(trouble.text),
            .remedy = say::take_up_remedy(kAnnotation)};
  std::vector<std::string> names;
  Message error;
  for (const ObjectObserved* claim : still_kept(state)) {
    names.push_back(claim->ref.name);
    const auto retry = state.retries.find(concat(to_string(claim->ref), "/kept"));
    if (retry != state.retries.end()) error = retry->second.error;
  }
  return {.satisfied = names.empty(),
          .waits_for = say::volumes_to_be_taken_up(listed(names), std::move(error))};
}

Wait take_up_deleted_volumes(StepBuilder& builder, const OperationView& /*view*/) {
  ClusterState& state = builder.state();
  const std::string deleted = restore::progress_of(state).clone->deleted;
  if (deleted_of(state) != deleted) return deleted_volumes_taken_up(look(state));
  if (const RestoreRefusal trouble = trouble_with_deleted(state); !trouble.empty()) {
    note_refusal(builder, trouble);
    return deleted_volumes_taken_up(look(state));
  }
  std::vector<KeepClaim> actions;
  for (const ObjectObserved* claim : still_kept(state)) {
    KeepClaim action{.ref = claim->ref,
                     .digest = {},
                     .of = deleted,
                     .kept = false,
                     .led = claim->fields.claim->led_for == deleted};
    action.digest = sha256_hex(concat(deleted, "\n", state.uid.value(), action.led ? "\nled" : ""));
    const std::string target = target_of(action);
    if (!is_pending(state, target) && !is_waiting_to_retry(state, target))
      actions.push_back(std::move(action));
  }
  for (KeepClaim& action : actions) {
    const std::string target = to_string(action.ref);
    restore::progress_of(state).clone->begun = true;  // from here on there is no empty beginning
    decide(builder, "take-up-volume",
           say::taking_up_volume(target, restore::described(restore::progress_of(state))),
           {std::move(action)});
  }
  return deleted_volumes_taken_up(look(state));
}

}  // namespace annals::fsm::clone
