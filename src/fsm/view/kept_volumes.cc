#include "fsm/view/kept_volumes.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "fsm/text/say.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"
#include "fsm/view/restore_progress.h"
#include "fsm/view/retention.h"
#include "manifests/labels.h"
#include "manifests/names.h"
#include "spec/restore_target.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr Duration kWhereUnclear = 24h;

// Also of a spec with mistakes: its volumes are worth as much.
std::optional<std::string> retention_annotation(ClusterState& state) {
  const auto value_in = [](const spec::PostgresCluster& cluster) -> std::optional<std::string> {
    const auto found = cluster.annotations.find(manifests::annotation::kDeletedVolumeRetention);
    if (found == cluster.annotations.end()) return std::nullopt;
    return found->second;
  };
  if (rendered(state).mistakes.empty()) return value_in(rendered(state).cluster);
  return value_in(spec::read_postgres_cluster(state.spec->resource).cluster);
}

std::string instance_of(const ObjectObserved& claim) {
  return claim.fields.instance->name.value_or("");
}

// A leader's data without its WAL, or the other way round, is no database; the clone tells that.
bool has_all_volumes(const ClusterState& state, const spec::InstanceSet& set,
                     const std::string& instance) {
  const std::string wal = manifests::names::wal_volume(instance);
  const bool has_wal = std::ranges::any_of(state.objects, [&](const auto& entry) {
    return is_claim(entry.first) && usual_name_of(entry.second) == wal;
  });
  return has_wal == set.wal_volume_claim_spec.has_value();
}

}  // namespace

bool is_claim(const ObjectRef& ref) { return ref.kind == "PersistentVolumeClaim"; }

std::string usual_name_of(const ObjectObserved& claim) {
  return claim.fields.claim->stands_for.value_or(claim.ref.name);
}

bool is_of_data(const ObjectObserved& claim) {
  const std::string instance = instance_of(claim);
  return is_claim(claim.ref) && !instance.empty() &&
         usual_name_of(claim) == manifests::names::data_volume(instance);
}

bool is_of_deleted(const ObjectObserved& claim, const std::string& deleted) {
  const ClaimFields& fields = *claim.fields.claim;
  return fields.kept_for == deleted || (fields.led_for == deleted && !fields.kept_for);
}

bool is_kept_for_another(const ClusterState& state, const ObjectObserved& claim) {
  const std::string deleted = claim.fields.claim->kept_for.value_or("");
  return !deleted.empty() && deleted != state.uid.value();
}

DeletedRetention deleted_retention(ClusterState& state) {
  constexpr const char* kAnnotation = manifests::annotation::kDeletedVolumeRetention;
  if (const std::optional<std::string> text = retention_annotation(state)) {
    const std::optional<Duration> time = retention_of(*text);
    if (!time) return {.time = kWhereUnclear, .why = say::retention_invalid(kAnnotation, *text)};
    return {.time = *time, .why = say::retention_by_annotation(kAnnotation, *text)};
  }
  const std::string& flag = state.config->keep_deleted_volumes;
  const std::optional<Duration> time = retention_of(flag);
  if (!time) return {};
  return {.time = *time, .why = say::retention_by_flag(flag)};
}

Timestamp deleted_at(const ClusterState& state) {
  const std::optional<spec::PointInTime> asked = spec::parse_point_in_time(state.spec->deleted_at);
  return asked ? asked->time : state.now;
}

namespace {

// Every instance has its pod, and none has begun to stop.
bool is_undisturbed(const ClusterState& state, const std::set<std::string>& instances) {
  return std::ranges::all_of(instances, [&](const std::string& instance) {
    const auto pod = state.pods.find(manifests::names::instance_pod(instance));
    return pod != state.pods.end() && !pod->second.deleting;
  });
}

}  // namespace

// A pod's label alone may be wrong while another one takes over, or was killed.
std::string last_leader(const ClusterState& state) {
  std::vector<std::string> labelled;
  for (const auto& [name, pod] : state.pods) {
    if (!pod.instance.empty() && pod.role == manifests::role::kLeader)
      labelled.push_back(pod.instance);
  }
  std::set<std::string> all;
  bool is_noted = false;
  for (const auto& [ref, object] : state.objects) {
    if (!is_of_data(object) || is_kept_for_another(state, object)) continue;
    all.insert(instance_of(object));
    is_noted = is_noted || object.fields.claim->led_for == state.uid.value();
  }
  const std::string stored = leader_in_store(state);
  const std::string leader = labelled.size() == 1 ? labelled.front() : std::string();
  const bool is_certain = stored.empty() ? is_undisturbed(state, all)
                                         : stored == manifests::names::instance_pod(leader);
  if (!leader.empty() && is_certain) return leader;
  if (is_noted || !labelled.empty()) return {};
  for (const std::string& instance : all) {
    if (manifests::names::instance_pod(instance) == stored) return instance;
  }
  if (all.contains(state.startup_instance)) return state.startup_instance;
  return all.size() == 1 ? *all.begin() : std::string();
}

std::vector<const ObjectObserved*> claims_kept_for(const ClusterState& state,
                                                   const std::string& deleted) {
  std::vector<const ObjectObserved*> claims;
  for (const auto& [ref, object] : state.objects) {
    if (is_claim(ref) && object.fields.claim->kept_for == deleted) claims.push_back(&object);
  }
  return claims;
}

KeptNamesake kept_namesake(const ClusterState& state) {
  KeptNamesake kept;
  for (const auto& [ref, object] : state.objects) {
    if (!is_claim(ref) || !is_kept_for_another(state, object)) continue;
    const std::string until = object.fields.claim->kept_until.value_or("");
    if (!kept.uid.empty() && until <= kept.until) continue;
    kept.uid = *object.fields.claim->kept_for;
    kept.until = until;
  }
  if (kept.uid.empty()) return kept;
  for (const ObjectObserved* claim : claims_kept_for(state, kept.uid))
    kept.claims.push_back(claim->ref.name);
  return kept;
}

std::string leader_when_deleted(const ClusterState& state, const std::string& deleted) {
  std::string leader;
  for (const auto& [ref, object] : state.objects) {
    if (!is_of_data(object) || !is_of_deleted(object, deleted)) continue;
    if (object.fields.claim->led_for != deleted) continue;
    if (!leader.empty()) return {};
    leader = instance_of(object);
  }
  return leader;
}

std::vector<std::string> instances_to_take_up(const ClusterState& state,
                                              const spec::InstanceSet& set,
                                              const std::string& deleted) {
  const std::string leader = leader_when_deleted(state, deleted);
  std::vector<std::string> instances;
  for (const auto& [ref, object] : state.objects) {
    if (!is_of_data(object) || object.fields.instance->set != set.name ||
        !is_of_deleted(object, deleted))
      continue;
    const std::string instance = instance_of(object);
    if (instance == leader) {
      instances.insert(instances.begin(), instance);
    } else if (has_all_volumes(state, set, instance)) {
      instances.push_back(instance);
    }
  }
  return instances;
}

std::string taken_up(const ClusterState& state) {
  if (!state.restore || !is_cloning(*state.restore)) return {};
  return state.restore->clone->deleted;
}

}  // namespace annals::fsm
