#include "runtime/cached_state.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/concat.h"
#include "fsm/codec/state_pack.h"
#include "fsm/view/standing_look.h"
#include "fsm/view/verified_backup.h"
#include "history/snapshots.h"
#include "journal/content.h"

namespace annals::runtime {
namespace {

// Nobody else has written what is packed here.
constexpr std::size_t kSizeMax = std::size_t{1} << 30U;

// Of a cluster of which only its kept volumes are known: where they are, and its UID for a name.
void name_by_claims(Summary& summary, const fsm::ClusterState& state) {
  for (const auto& [ref, object] : state.objects) {
    if (object.fields.claim->kept_for != state.uid.value()) continue;
    summary.name_space = ref.name_space;
    summary.name = state.uid.value();
    return;
  }
}

void update(Summary& summary, const fsm::ClusterState& state) {
  const auto holds = [&](const char* type) {
    const auto condition = state.conditions.find(type);
    return condition != state.conditions.end() && condition->second.status;
  };
  summary.gone = state.gone;
  summary.ready = holds("Ready");
  summary.stalled = holds("Stalled");
  summary.pending = static_cast<std::size_t>(std::ranges::count_if(
      state.pending, [](const auto& entry) { return !fsm::is_standing(entry.second); }));
  summary.verified_at = fsm::last_verified_at(state);
  summary.repositories = fsm::repository_figures(state, std::move(summary.repositories));
  summary.stanzas = fsm::places_with_stanza(state, std::move(summary.stanzas));
  summary.troubles = fsm::troubles_of(state);
  summary.archiving_stopped_at = fsm::archiving_stopped_at(state);
  summary.standby = fsm::standby_figures(state);
  summary.name_space = state.spec ? state.spec->name_space : std::string();
  summary.name = state.spec ? state.spec->name : std::string();
  if (!state.spec) name_by_claims(summary, state);
}

// Its owners are none of it: each cluster adds itself to these.
Digest digest_of(const fsm::ObjectObserved& object) {
  std::string text = concat(to_string(object.ref), "\n", object.uid);
  fsm::each_field(object.fields, [&text](std::string_view name, std::string_view value) {
    text += concat("\n", name.size(), " ", name, value.size(), " ", value);
  });
  return sha256(text);
}

}  // namespace

CachedState::CachedState(fsm::ClusterState state) { replace(std::move(state)); }

void CachedState::replace(fsm::ClusterState&& state) {
  if (resident_ == nullptr) resident_ = std::make_unique<fsm::ClusterState>();
  *resident_ = std::move(state);
  ours_.reset();
  update(summary_, *resident_);
}

void CachedState::evict() {
  if (is_evicted()) return;
  packed_ = journal::pack(fsm::pack_state(*resident_));
  packed_.shrink_to_fit();
  resident_.reset();
}

fsm::ClusterState CachedState::unpacked() const {
  const Result<std::string> packed = journal::unpack(packed_, kSizeMax);
  ANNALS_ASSERT(packed.has_value(), "an evicted state: ", to_string(packed.error()));
  return fsm::unpack_state(*packed);
}

fsm::ClusterState CachedState::take() {
  if (!is_evicted()) return std::move(*resident_);
  fsm::ClusterState state = unpacked();
  packed_ = {};
  resident_ = std::make_unique<fsm::ClusterState>();
  return state;
}

journal::Snapshot CachedState::snapshot(Sequence seq) const {
  return look([&](const fsm::ClusterState& state) { return history::snapshot_of(state, seq); });
}

bool CachedState::knows_as_ours(const fsm::ObjectObserved& object) {
  if (!object.actor.manager.empty()) return false;
  const Digest digest = digest_of(object);
  if (ours_ == digest) return true;
  const bool is_same = look([&](const fsm::ClusterState& state) {
    const auto known = state.objects.find(object.ref);
    return known != state.objects.end() && known->second.actor.manager.empty() &&
           digest_of(known->second) == digest;
  });
  if (is_same) ours_ = digest;
  return is_same;
}

}  // namespace annals::runtime
