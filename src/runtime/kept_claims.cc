// The shell's part in volumes that outlive their cluster: the machines of the cluster that has gone
// are told of them, since they end when its time is over; and so is a namesake, which may take them
// up.
#include <algorithm>
#include <utility>

#include "runtime/shell.h"

namespace annals::runtime {
namespace {

constexpr const char* kClaim = "PersistentVolumeClaim";

// For which cluster it is kept; empty for whatever is not.
std::string kept_for(const fsm::ObjectObserved* object) {
  return object == nullptr ? std::string() : object->fields.claim->kept_for.value_or("");
}

}  // namespace

// Not when it is told as one of its own, or when the label names a cluster of another namespace.
void Shell::observe_kept(const std::string& name_space, const std::string& name,
                         const fsm::Input& fact) {
  const auto* object = std::get_if<fsm::ObjectObserved>(&fact);
  const auto* gone = std::get_if<fsm::ObjectGone>(&fact);
  if (object == nullptr && gone == nullptr) return;
  const fsm::ObjectRef& ref = object != nullptr ? object->ref : gone->ref;
  if (ref.kind != kClaim) return;
  const std::string deleted = kept_for(object);
  end_keeping(ref, object != nullptr ? object->uid : gone->uid, deleted);
  if (deleted.empty()) return;
  used_names_.emplace(name_space, name);
  const ClusterUid uid(deleted);
  const auto holder = by_name_.find({name_space, name});
  const bool is_its_own = holder != by_name_.end() && holder->second == uid;
  kept_[{name_space, ref.name}] = {.cluster = uid, .claim = object->uid};
  if (!is_its_own) tell_keeper(uid, *object);
}

void Shell::tell_keeper(const ClusterUid& uid, const fsm::ObjectObserved& claim) {
  const bool is_new = !clusters_.contains(uid);
  Cluster& its = cluster(uid);
  const std::string& place = its.state.summary().name_space;
  if (!place.empty() && place != claim.ref.name_space) return;
  if (is_as_known(its, claim)) return;
  // One that had gone before this process began is told anew: what was known of it goes with its
  // first record.
  introduce(uid);
  const bool is_known = its.on_the_way == 0 && its.state.look([&](const fsm::ClusterState& state) {
    const auto seen = state.objects.find(claim.ref);
    return seen != state.objects.end() && seen->second.uid == claim.uid &&
           seen->second.digest == claim.digest && seen->second.fields == claim.fields;
  });
  if (is_known) return;
  feed(uid, claim);
  if (is_new && listed_) feed(uid, fsm::Synced{});
}

// Somebody has deleted it, or has taken it up: whoever kept it does so no longer.
void Shell::end_keeping(const fsm::ObjectRef& ref, const std::string& claim,
                        const std::string& deleted) {
  const auto known = kept_.find({ref.name_space, ref.name});
  if (known == kept_.end()) return;
  const auto [keeper, its_uid] = known->second;
  if (its_uid == claim && keeper.value() == deleted) return;
  kept_.erase(known);
  const bool is_alive =
      std::ranges::any_of(by_name_, [&](const auto& holder) { return holder.second == keeper; });
  if (!is_alive) feed(keeper, fsm::ObjectGone{.ref = ref, .uid = its_uid});
}

bool Shell::keeps_claims(const ClusterUid& uid) const {
  return std::ranges::any_of(kept_, [&](const auto& entry) { return entry.second.cluster == uid; });
}

// A namesake is told of them when it appears.
void Shell::release_kept(const fsm::ClusterState& state) {
  if (!state.spec) return;
  for (const auto& [ref, object] : state.objects) {
    if (ref.kind == kClaim && kept_.contains({ref.name_space, ref.name}) &&
        !kept_for(&object).empty())
      orphans_.keep(state.spec->name_space, state.spec->name, object, {});
  }
}

}  // namespace annals::runtime
