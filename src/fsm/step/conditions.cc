#include "fsm/step/conditions.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/concat.h"
#include "fsm/step/step_builder.h"
#include "fsm/view/backup_request.h"
#include "fsm/view/blockers.h"
#include "fsm/view/database.h"
#include "fsm/view/in_place.h"
#include "fsm/view/leftovers.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"
#include "fsm/view/repository_host.h"
#include "fsm/view/retention.h"
#include "fsm/view/volume_troubles.h"
#include "manifests/pgbackrest/pgbackrest_config.h"

namespace annals::fsm {
namespace {

struct Verdict {
  const char* type;
  bool status;
  std::string reason;
  std::string message;
};

Verdict ready(ClusterState& state) {
  const PodObserved* pod = primary(state);
  if (rendered(state).cluster.spec.shutdown)
    return {"Ready", false, "Shutdown", "spec.shutdown is true: no instance is to run"};
  if (pod == nullptr) return {"Ready", false, "NoPrimary", "no pod is the primary and ready"};
  if (state.phase != ProvisionPhase::kDone) {
    return {"Ready", false, "Provisioning",
            "the database is not open yet: " + to_string(state.phase)};
  }
  return {"Ready", true, "PrimaryReady",
          "pod " + pod->name + " is the primary and takes connections"};
}

// "rolling-update" as conditions write it: "RollingUpdate".
std::string word_of(const std::string& operation) {
  std::string word;
  bool upper = true;
  for (const char c : operation) {
    if (c != '-') word += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = c == '-';
  }
  return word;
}

// Whose wait it is: reason and message are both of whoever waits, whatever else goes on.
struct Waiting {
  const char* machine;
  const char* transition;
  const char* reason;
};
// clang-format off
constexpr std::array kWaits{
    Waiting{"provision",     "spec-accepted",         "Preparing"},
    Waiting{"provision",     "objects-in-place",      "Preparing"},
    Waiting{"provision",     "primary-is-running",    "Starting"},
    Waiting{"provision",     "database-is-open",      "Opening"},
    Waiting{"users",         "users-written",         "Writing"},
    Waiting{"backup",        "stanza-begun",          "Stanza"},
    Waiting{"backup",        "stanza-has-pod",        "JobWithoutPod"},
    Waiting{"backup",        "stanza-created",        "Stanza"},
    Waiting{"backup",        "first-backup-begun",    "FirstBackup"},
    Waiting{"backup",        "first-backup-has-pod",  "JobWithoutPod"},
    Waiting{"backup",        "first-backup-complete", "FirstBackup"},
    Waiting{"manual-backup", "manual-backup-has-pod", "JobWithoutPod"},
};
// clang-format on

Verdict waiting(const ClusterState& state, const std::string& machine, const Blocker& blocker) {
  const auto its = std::ranges::find_if(kWaits, [&](const Waiting& each) {
    return machine == each.machine && blocker.transition == each.transition;
  });
  const bool is_manual = machine == "manual-backup";
  if (its != kWaits.end() || is_manual)
    return {"Progressing", true, its != kWaits.end() ? its->reason : "ManualBackup",
            concat(is_manual ? "manual-backup " : "", "waits for ", blocker.waits_for)};
  const std::string operation = name_of(state.operation);
  return {"Progressing", true, operation.empty() ? word_of(blocker.transition) : word_of(operation),
          concat(operation, operation.empty() ? "" : " ", "waits for ", blocker.waits_for)};
}

Verdict writing(const ClusterState& state, const Wanted& missing) {
  std::string message = "writes " + missing.target;
  const auto retry = state.retries.find(missing.target);
  if (retry != state.retries.end() && is_waiting_to_retry(state, missing.target))
    message += concat(", and waits before it tries again: ", retry->second.error);
  return {"Progressing", true, "Writing", message};
}

// What is no object is asked for as well, of PostgreSQL and of Patroni.
std::optional<Verdict> carrying_out(const ClusterState& state) {
  const std::array<std::pair<const char*, const char*>, 2> targets{
      {{kSqlTarget, "users and databases"}, {kPatroniTarget, "Patroni's shared configuration"}}};
  for (const auto& [target, what] : targets) {
    const bool failed = is_waiting_to_retry(state, target);
    if (!failed && !is_pending(state, target)) continue;
    std::string message = concat("writes ", what);
    if (failed)
      message +=
          concat(", and waits before it tries again: ", state.retries.find(target)->second.error);
    return Verdict{"Progressing", true, "Writing", std::move(message)};
  }
  return std::nullopt;
}

Verdict progressing(ClusterState& state) {
  const auto blockers = blockers_of(state);
  const Blocker* blocker = blockers.empty() ? nullptr : blockers.front().second;
  if (state.spec->deleting) {
    return {"Progressing", true, "Deleting",
            blocker != nullptr ? "waits for " + blocker->waits_for : "is being deleted"};
  }
  if (rendered(state).cluster.spec.paused) {
    return {"Progressing", false, "Paused",
            "spec.paused is true: nothing is changed until it is false"};
  }
  if (const std::string mistakes = mistakes_of(state); !mistakes.empty())
    return {"Progressing", false, "InvalidSpec", concat("nothing is changed: ", mistakes)};
  if (const Blocker* removal = backup_removal_awaited(state)) {
    return {"Progressing", false, "Paused",
            concat("nothing is changed: waits for ", removal->waits_for, "; ", removal->cure)};
  }
  const std::string operation = name_of(state.operation);
  if (blocker != nullptr) return waiting(state, blockers.front().first, *blocker);
  if (!operation.empty() && !rendered(state).cluster.spec.shutdown)
    return {"Progressing", true, word_of(operation), operation + " goes on"};
  const Wanted* missing = first_not_in_place(state);
  if (missing != nullptr) return writing(state, *missing);
  if (std::optional<Verdict> its = carrying_out(state)) return *std::move(its);
  return {"Progressing", false, "Settled", "all objects are as the spec asks for"};
}

Verdict stalled(const ClusterState& state) {
  const Blocker* overdue = overdue_blocker(state);
  if (overdue == nullptr) return {"Stalled", false, "InTime", "nothing waits longer than expected"};
  return {"Stalled", true, "DeadlinePassed",
          concat("has waited for ", overdue->waits_for, " since ",
                 annals::to_string(overdue->since), "; to help: ", overdue->cure)};
}

Verdict not_acted_on(ClusterState& state) {
  const std::vector<std::string>& fields = rendered(state).not_acted_on;
  if (fields.empty())
    return {"UnsupportedFields", false, "None", "every field of the spec is acted on"};
  std::string message = "accepted, but not acted on yet:";
  for (const std::string& field : fields) message += " " + field;
  return {"UnsupportedFields", true, "NotActedOn", message};
}

Verdict repository_host_ready(const ClusterState& state) {
  if (repository_host(state) != nullptr)
    return {"PGBackRestRepoHostReady", true, "RepoHostReady", "the repository host is ready"};
  return {"PGBackRestRepoHostReady", false, "RepoHostNotReady", "no pod of it is ready"};
}

Verdict stanza_created(const ClusterState& state) {
  if (state.backup.phase != BackupPhase::kStanza)
    return {"PGBackRestReplicaRepoReady", true, "StanzaCreated",
            "every repository has the database's stanza"};
  return {"PGBackRestReplicaRepoReady", false, "StanzaNotCreated",
          "the database's stanza is not in the repositories yet"};
}

Verdict first_backup_complete(const ClusterState& state) {
  if (state.backup.phase == BackupPhase::kDone)
    return {"PGBackRestReplicaCreate", true, "RepoBackupComplete",
            "replicas can be made from the first repository"};
  return {"PGBackRestReplicaCreate", false, "RepoBackupNotComplete",
          "the first repository has no backup of this database yet"};
}

// None while nothing has come of the last request yet.
std::optional<Verdict> manual_backup(ClusterState& state) {
  constexpr const char* kType = "PGBackRestManualBackupSuccessful";
  if (!state.manual_backup) return std::nullopt;
  const ManualBackup& its = *state.manual_backup;
  if (its.phase == ManualBackupPhase::kSucceeded)
    return Verdict{kType, true, "ManualBackupComplete",
                   concat("Job/", its.job, " has made the backup ", its.id)};
  if (its.phase == ManualBackupPhase::kFailed)
    return Verdict{kType, false, "ManualBackupFailed",
                   concat("Job/", its.job, " for the backup ", its.id, " ", its.failure)};
  const bool is_mistaken = its.phase == ManualBackupPhase::kWaiting && !its.mistake.empty();
  if (!is_mistaken || !rendered(state).mistakes.empty()) return std::nullopt;
  return Verdict{kType, false, mistake_in_request(rendered(state).cluster).reason, its.mistake};
}

void set_condition(ClusterState& state, Verdict verdict) {
  Condition& condition = state.conditions[verdict.type];
  const bool flipped = condition.reason.empty() || condition.status != verdict.status;
  if (flipped) condition.changed = state.now;
  condition.status = verdict.status;
  condition.reason = std::move(verdict.reason);
  condition.message = std::move(verdict.message);
}

// Those of a part that the cluster does not have.
void drop_backup_conditions(ClusterState& state) {
  state.conditions.erase("PGBackRestRepoHostReady");
  state.conditions.erase("PGBackRestReplicaRepoReady");
  state.conditions.erase("PGBackRestReplicaCreate");
}

void update_backup_conditions(ClusterState& state) {
  if (rendered(state).repositories.empty()) return drop_backup_conditions(state);
  if (manifests::has_volume_repository(rendered(state).cluster)) {
    set_condition(state, repository_host_ready(state));
  } else {
    state.conditions.erase("PGBackRestRepoHostReady");
  }
  set_condition(state, stanza_created(state));
  set_condition(state, first_backup_complete(state));
}

// Volumes of instances that have gone: nothing is kept, or removed, without being told.
void update_retired_condition(ClusterState& state) {
  if (state.retired.empty()) {
    state.conditions.erase("RemovedVolumesKept");
    return;
  }
  std::string message = "kept, and used again when their set grows:";
  for (const auto& [instance, retired] : state.retired) {
    message += concat(" ", instance, " until ", annals::to_string(end_of(state, retired)), ";");
  }
  message.pop_back();
  set_condition(state, {"RemovedVolumesKept", true, "InstancesRemoved", message});
}

// PGO has none of it; whoever waits for his script wants to know.
void update_init_sql_condition(ClusterState& state) {
  constexpr const char* kType = "DatabaseInitSQL";
  const auto& script = rendered(state).cluster.spec.database_init_sql;
  if (!script) {
    state.conditions.erase(kType);
    return;
  }
  const auto retry = state.retries.find(kInitSqlTarget);
  if (state.init_sql_ran) {
    set_condition(state, {kType, true, "ScriptRun",
                          concat("the script of ConfigMap/", *state.init_sql_ran, " was run")});
  } else if (retry != state.retries.end()) {
    set_condition(state, {kType, false, "ScriptFailed",
                          concat("key ", script->key, " of ConfigMap/", script->name, ": ",
                                 retry->second.error, "; it is tried again by itself")});
  } else {
    set_condition(state, {kType, false, "NotYet",
                          concat("the script of ConfigMap/", script->name, " was not run yet")});
  }
}

void update_manual_condition(ClusterState& state) {
  const std::optional<Verdict> verdict = manual_backup(state);
  if (verdict) {
    set_condition(state, *verdict);
  } else {
    state.conditions.erase("PGBackRestManualBackupSuccessful");
  }
}

// What a cluster has counts, and only a full stop changes it.
void update_store_condition(ClusterState& state) {
  constexpr const char* kType = "PatroniStoreDiffers";
  const Rendered& all = rendered(state);
  const bool asks = spec::asks_for_config_maps(all.cluster);
  const bool has = all.world.config_maps;
  if (asks == has || !all.mistakes.empty()) {
    state.conditions.erase(kType);
    return;
  }
  const auto word = [](bool in_config_maps) {
    return in_config_maps ? spec::kInConfigMaps : spec::kInEndpoints;
  };
  std::string removal = concat("kubectl delete --ignore-not-found ", word(has));
  for (const ObjectRef& store : stores_of_its_kind(state)) removal += concat(" ", store.name);
  set_condition(
      state,
      {kType, true, "NotChanged",
       concat("Patroni keeps its state in ", word(has), ", and the annotation ",
              spec::kPatroniStore, " asks for ", word(asks),
              ": nothing is changed. The way over is a full stop: spec.shutdown true, '", removal,
              "' when no pod of an instance is left, spec.shutdown false. Or "
              "let the annotation say ",
              word(has))});
}

void set_or_drop(ClusterState& state, const char* type, const char* reason,
                 const std::vector<std::string>& messages) {
  if (messages.empty()) {
    state.conditions.erase(type);
    return;
  }
  std::string text;
  for (const std::string& message : messages) text += (text.empty() ? "" : "; ") + message;
  set_condition(state, {type, true, reason, text});
}

}  // namespace

void update_conditions(ClusterState& state) {
  set_condition(state, ready(state));
  set_condition(state, progressing(state));
  set_condition(state, stalled(state));
  set_condition(state, not_acted_on(state));
  update_backup_conditions(state);
  update_manual_condition(state);
  update_init_sql_condition(state);
  update_retired_condition(state);
  update_store_condition(state);
  set_or_drop(state, "PersistentVolumeResizing", "Resizing", volumes_in_resize(state));
  set_or_drop(state, "PersistentVolumeResizeError", "NotAsAskedFor", volume_troubles(state));
}

}  // namespace annals::fsm
