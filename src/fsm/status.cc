#include "fsm/status.h"

#include <algorithm>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/desired_set.h"
#include "fsm/provision.h"
#include "manifests/status.h"

namespace annals::fsm {
namespace {

struct Verdict {
  const char* type;
  bool status;
  std::string reason;
  std::string message;
};

bool is_overdue(const ClusterState& state) {
  return state.blocker && state.blocker->deadline <= state.now;
}

Verdict ready(ClusterState& state) {
  const PodObserved* pod = primary(state);
  if (pod == nullptr) return {"Ready", false, "NoPrimary", "no pod is the primary and ready"};
  if (state.phase != ProvisionPhase::kDone) {
    return {"Ready", false, "Provisioning",
            "the database is not open yet: " + to_string(state.phase)};
  }
  return {"Ready", true, "PrimaryReady",
          "pod " + pod->name + " is the primary and takes connections"};
}

Verdict progressing(ClusterState& state) {
  if (state.blocker) {
    return {"Progressing", true, to_string(state.phase), "waits for " + state.blocker->waits_for};
  }
  const Wanted* missing = first_not_in_place(state);
  if (missing != nullptr)
    return {"Progressing", true, "Writing", "writes " + to_string(missing->ref)};
  return {"Progressing", false, "Settled", "all objects are as the spec asks for"};
}

Verdict stalled(const ClusterState& state) {
  if (!is_overdue(state)) return {"Stalled", false, "InTime", "nothing waits longer than expected"};
  return {"Stalled", true, "DeadlinePassed",
          concat("has waited for ", state.blocker->waits_for, " since ",
                 annals::to_string(state.blocker->since), "; to help: ", state.blocker->cure)};
}

Verdict not_acted_on(ClusterState& state) {
  const std::vector<std::string>& fields = rendered(state).not_acted_on;
  if (fields.empty())
    return {"UnsupportedFields", false, "None", "every field of the spec is acted on"};
  std::string message = "accepted, but not acted on yet:";
  for (const std::string& field : fields) message += " " + field;
  return {"UnsupportedFields", true, "NotActedOn", message};
}

// Seconds, as Kubernetes writes its times.
std::string rfc3339_seconds(Timestamp time) {
  std::string text = annals::to_string(time);
  return text.substr(0, text.find('.')) + "Z";
}

void set_condition(ClusterState& state, Verdict verdict) {
  Condition& condition = state.conditions[verdict.type];
  const bool flipped = condition.reason.empty() || condition.status != verdict.status;
  if (flipped) condition.changed = state.now;
  condition.status = verdict.status;
  condition.reason = std::move(verdict.reason);
  condition.message = std::move(verdict.message);
}

manifests::InstanceSetStatus status_of_set(const ClusterState& state, const std::string& set,
                                           int replicas) {
  manifests::InstanceSetStatus status{.name = set, .replicas = replicas};
  const auto instances = state.instances.find(set);
  if (instances == state.instances.end()) return status;
  for (const auto& [name, pod] : state.pods) {
    const bool ours = std::ranges::find(instances->second, pod.instance) != instances->second.end();
    if (ours && pod.ready) status.ready_replicas += 1;
  }
  return status;
}

manifests::StatusDocument document(ClusterState& state) {
  manifests::StatusDocument status;
  status.name_space = state.spec->name_space;
  status.name = state.spec->name;
  status.observed_generation = state.spec->generation;
  if (const PodObserved* pod = primary(state)) status.primary = pod->name;
  for (const auto& [type, condition] : state.conditions) {
    status.conditions.push_back({.type = type,
                                 .status = condition.status,
                                 .reason = condition.reason,
                                 .message = condition.message,
                                 .last_transition_time = rfc3339_seconds(condition.changed)});
  }
  for (const auto& [set, replicas] : rendered(state).sets) {
    status.instances.push_back(status_of_set(state, set, replicas));
  }
  return status;
}

// While objects are being written there is nothing settled to tell; the last outcome brings us here
// again.
bool is_writing(const ClusterState& state) {
  return std::ranges::any_of(state.pending, [](const auto& entry) {
    return !std::holds_alternative<PatchStatus>(entry.second);
  });
}

}  // namespace

void ask_status(StepBuilder& builder) {
  ClusterState& state = builder.state();
  set_condition(state, ready(state));
  set_condition(state, progressing(state));
  set_condition(state, stalled(state));
  set_condition(state, not_acted_on(state));

  if (is_writing(state)) return;
  PatchStatus patch{.ref = {.api_version = "postgres-operator.crunchydata.com/v1beta1",
                            .kind = "PostgresCluster",
                            .name_space = state.spec->name_space,
                            .name = state.spec->name},
                    .digest = {},
                    .manifest = manifests::status_manifest(document(state))};
  patch.digest = sha256_hex(patch.manifest);
  const std::string target = target_of(patch);
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  const auto written = state.written.find(target);
  if (written != state.written.end() && written->second.asked == patch.digest) return;
  builder.decide({.machine = "status",
                  .transition = "publish",
                  .reason = concat("Ready: ", state.conditions["Ready"].message,
                                   "; Progressing: ", state.conditions["Progressing"].message),
                  .inputs = {},
                  .intents = {}},
                 {std::move(patch)});
}

}  // namespace annals::fsm
