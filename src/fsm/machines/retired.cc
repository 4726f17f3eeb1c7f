#include "fsm/machines/retired.h"

#include <map>
#include <vector>

#include "fsm/step/events.h"
#include "fsm/text/say.h"
#include "fsm/view/kept_volumes.h"
#include "fsm/view/members.h"
#include "fsm/view/rendering.h"
#include "fsm/view/retention.h"
#include "fsm/view/verified_backup.h"
#include "manifests/labels.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace {

// An annotation that nobody understands is told, and the volumes are kept for a day.
void check_retention(StepBuilder& builder) {
  const auto& annotations = rendered(builder.state()).cluster.annotations;
  for (const char* name : {kRetentionAnnotation, manifests::annotation::kDeletedVolumeRetention}) {
    const auto kept = annotations.find(name);
    if (kept == annotations.end() || retention_of(kept->second)) continue;
    return report_event(builder, EventType::kWarning, "InvalidRetention",
                        say::retention_invalid(name, kept->second));
  }
  clear_event(builder.state(), "InvalidRetention");
}

bool is_of(const ObjectRef& ref, const ObjectObserved& object, const std::string& instance) {
  return object.fields.instance->name == instance || ref.name == instance;
}

void remove_object(StepBuilder& builder, const ObjectObserved& object, const char* transition,
                   Message reason, Guard guard) {
  ClusterState& state = builder.state();
  const std::string target = to_string(object.ref);
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  builder.decide(
      {.machine = "scale-down",
       .transition = transition,
       .reason = std::move(reason),
       .inputs = {{.name = "exists", .value = target, .holds = true}},
       .intents = {}},
      {DeleteObject{.ref = object.ref, .digest = object.uid, .guard = std::move(guard)}});
}

std::vector<ObjectObserved> objects_of(const ClusterState& state, const std::string& instance) {
  std::vector<ObjectObserved> objects;
  for (const auto& [ref, object] : state.objects) {
    if (is_of(ref, object, instance) && !is_kept_for_another(state, object))
      objects.push_back(object);
  }
  return objects;
}

// The runner first, then what its pod was configured by; volumes when their time is over.
void take_away(StepBuilder& builder, const std::string& instance, const Retired& retired) {
  ClusterState& state = builder.state();
  const bool runs = is_there(state, instance);
  const Timestamp due = end_of(state, retired);
  for (const ObjectObserved& object : objects_of(state, instance)) {
    const std::string what = to_string(object.ref);
    if (object.ref.kind == "StatefulSet") {
      remove_object(builder, object, "stop-instance",
                    say::stopping_instance(instance, retired.reason),
                    {.lost = say::nothing_lost_with_instance_pod(),
                     .other_copy = say::copy_in_instance_volumes(),
                     .allowed_by = retired.reason});
    } else if (!runs && (object.ref.kind == "ConfigMap" || object.ref.kind == "Secret")) {
      remove_object(builder, object, "remove-configuration", say::removing_configuration(what),
                    {.lost = say::nothing_lost_with_configuration(),
                     .other_copy = say::no_copy_needed(),
                     .allowed_by = retired.reason});
    } else if (!runs && object.ref.kind == "PersistentVolumeClaim" && due <= state.now) {
      const PodObserved* leader = nullptr;
      for (const auto& [name, pod] : state.pods) {
        if (pod.role == "master" && pod.ready) leader = &pod;
      }
      // The last copy is nobody's to remove.
      if (leader == nullptr) continue;
      remove_object(
          builder, object, "remove-volume", say::removing_volume(what, retired.since),
          {.lost = say::volume_of_instance(instance),
           .other_copy = with_verified_backup(state, say::copy_in_database_of(leader->name)),
           .allowed_by = retired.reason});
    }
  }
  if (!runs && due > state.now) requeue_at(state, due);
}

}  // namespace

void decide_retired(StepBuilder& builder) {
  ClusterState& state = builder.state();
  check_retention(builder);
  const std::map<std::string, Retired> retired = state.retired;
  for (const auto& [instance, one] : retired) {
    take_away(builder, instance, one);
    if (objects_of(state, instance).empty() &&
        !state.pods.contains(manifests::names::instance_pod(instance)) &&
        name_of(state.operation) != "scale-down")
      state.retired.erase(instance);
  }
}

}  // namespace annals::fsm
