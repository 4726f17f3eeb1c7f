#include "fsm/step/conditions.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "base/concat.h"
#include "fsm/step/archiving_condition.h"
#include "fsm/step/place_conditions.h"
#include "fsm/step/repository_conditions.h"
#include "fsm/step/restore_conditions.h"
#include "fsm/step/standby_condition.h"
#include "fsm/step/step_builder.h"
#include "fsm/text/say.h"
#include "fsm/view/backup_request.h"
#include "fsm/view/blockers.h"
#include "fsm/view/collations.h"
#include "fsm/view/database.h"
#include "fsm/view/found_database.h"
#include "fsm/view/in_sync.h"
#include "fsm/view/leftovers.h"
#include "fsm/view/other_cluster.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/pgbackrest_versions.h"
#include "fsm/view/rendering.h"
#include "fsm/view/repository_host.h"
#include "fsm/view/repository_stanzas.h"
#include "fsm/view/retention.h"
#include "fsm/view/standby.h"
#include "fsm/view/volume_troubles.h"
#include "manifests/labels.h"
#include "manifests/pgbackrest/pgbackrest_config.h"

namespace annals::fsm {
namespace {

struct Verdict {
  const char* type;
  bool status;
  std::string reason;
  Message message;
};

Verdict ready(ClusterState& state) {
  const PodObserved* pod = leader(state);
  if (rendered(state).cluster.spec.shutdown)
    return {"Ready", false, "Shutdown", say::cluster_shut_down()};
  if (pod == nullptr && another_leads(state))
    return {"Ready", false, kAnotherClusterLeads, another_leads_in_words(state)};
  if (pod == nullptr) return {"Ready", false, "NoPrimary", say::no_ready_primary()};
  if (state.phase != ProvisionPhase::kDone) {
    return {"Ready", false, "Provisioning", say::database_not_open(to_string(state.phase))};
  }
  if (is_being_promoted(state)) return {"Ready", false, "Promotion", say::standby_being_promoted()};
  if (pod->standby_leader)
    return {"Ready", true, "StandbyLeaderReady",
            say::standby_leader_ready(pod->name, followed_by(rendered(state).cluster))};
  return {"Ready", true, "PrimaryReady", say::primary_ready(pod->name)};
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
    Waiting{"clone",         "volumes-found",         "Cloning"},
    Waiting{"clone",         "repository-moved",      "Cloning"},
    Waiting{"clone",         "moves-removed",         "Cloning"},
    Waiting{"clone",         "backup-chosen",         "Cloning"},
    Waiting{"clone",         "objects-in-place",      "Cloning"},
    Waiting{"clone",         "data-restored",         "Cloning"},
    Waiting{"clone",         "permit-removed",        "Cloning"},
    Waiting{"clone",         "access-removed",        "Cloning"},
    Waiting{"clone",         "instance-may-start",    "Cloning"},
    Waiting{"clone",         "primary-started",       "Cloning"},
    Waiting{"clone",         "jobs-removed",          "Cloning"},
    Waiting{"provision",     "spec-accepted",         "Preparing"},
    Waiting{"provision",     "objects-in-place",      "Preparing"},
    Waiting{"provision",     "primary-is-running",    "Starting"},
    Waiting{"provision",     "database-is-open",      "Opening"},
    Waiting{"users",         "users-written",         "Writing"},
    Waiting{"instances",     "templates-reported",    "Writing"},
    Waiting{"instances",     "instances-up",          "InstanceNotReady"},
    Waiting{"backup",        "first-backup-begun",    "FirstBackup"},
    Waiting{"backup",        "first-backup-has-pod",  "JobWithoutPod"},
    Waiting{"backup",        "first-backup-complete", "FirstBackup"},
    Waiting{"manual-backup", "manual-backup-has-pod", "JobWithoutPod"},
};
// clang-format on

const char* reason_of_stanza(const Blocker& blocker) {
  if (blocker.transition == "place-free") return kPlaceTaken;
  return blocker.transition == "stanza-has-pod" ? "JobWithoutPod" : "Stanza";
}

Verdict waiting(const ClusterState& state, const std::string& machine, const Blocker& blocker) {
  if (machine.starts_with("stanza-"))
    return {"Progressing", true, reason_of_stanza(blocker),
            say::operation_waiting("", blocker.waits_for)};
  const auto its = std::ranges::find_if(kWaits, [&](const Waiting& each) {
    return machine == each.machine && blocker.transition == each.transition;
  });
  const bool is_manual = machine == "manual-backup";
  const bool is_requested = is_manual || machine == "expire-backup";
  const char* usual = is_manual ? "ManualBackup" : "ExpireBackup";
  if (its != kWaits.end() || is_requested)
    return {"Progressing", true, its != kWaits.end() ? its->reason : usual,
            say::operation_waiting(is_requested ? machine : std::string(), blocker.waits_for)};
  const std::string operation = name_of(state.operation);
  return {"Progressing", true, operation.empty() ? word_of(blocker.transition) : word_of(operation),
          say::operation_waiting(operation, blocker.waits_for)};
}

// What the last try met; empty unless the next one has to wait.
Message error_of(const ClusterState& state, const std::string& target) {
  return is_waiting_to_retry(state, target) ? state.retries.find(target)->second.error : Message();
}

Verdict writing(const ClusterState& state, const Wanted& missing) {
  return {"Progressing", true, "Writing",
          say::writing(missing.target, error_of(state, missing.target))};
}

// What is no object is asked for as well, of PostgreSQL and of Patroni.
std::optional<Verdict> carrying_out(const ClusterState& state) {
  const std::array<std::pair<const char*, Message>, 2> targets{
      {{kSqlTarget, say::users_and_databases()}, {kPatroniTarget, say::patroni_configuration()}}};
  for (const auto& [target, what] : targets) {
    if (!is_waiting_to_retry(state, target) && !is_pending(state, target)) continue;
    return Verdict{"Progressing", true, "Writing", say::writing(what, error_of(state, target))};
  }
  return std::nullopt;
}

Verdict progressing(ClusterState& state) {
  auto blockers = blockers_of(state);
  // A drill changes nothing of the cluster, and may take hours.
  std::erase_if(blockers, [](const auto& each) { return each.first == "restore-drill"; });
  const Blocker* blocker = blockers.empty() ? nullptr : blockers.front().second;
  if (state.spec->deleting) {
    return {
        "Progressing", true, "Deleting",
        blocker != nullptr ? say::operation_waiting("", blocker->waits_for) : say::being_deleted()};
  }
  if (rendered(state).cluster.spec.paused) {
    return {"Progressing", false, "Paused", say::cluster_paused()};
  }
  if (std::vector<Message> mistakes = mistakes_of(state); !mistakes.empty())
    return {"Progressing", false, "InvalidSpec", say::nothing_changed(std::move(mistakes))};
  if (const Blocker* removal = backup_removal_awaited(state)) {
    return {"Progressing", false, "Paused",
            say::nothing_changed_until(removal->waits_for, removal->remedy)};
  }
  const std::string operation = name_of(state.operation);
  if (blocker != nullptr) return waiting(state, blockers.front().first, *blocker);
  if (!operation.empty() && !rendered(state).cluster.spec.shutdown)
    return {"Progressing", true, word_of(operation), say::operation_in_progress(operation)};
  const Wanted* missing = first_not_in_sync(state);
  if (missing != nullptr) return writing(state, *missing);
  if (std::optional<Verdict> its = carrying_out(state)) return *std::move(its);
  return {"Progressing", false, "Settled", say::settled()};
}

Verdict stalled(const ClusterState& state) {
  const auto overdue = overdue_blocker(state);
  if (!overdue) return {"Stalled", false, "InTime", say::no_deadline_exceeded()};
  const auto& [machine, blocker] = *overdue;
  return {"Stalled", true, "DeadlinePassed",
          say::wait_overdue(machine, blocker->waits_for, blocker->since, blocker->remedy)};
}

Verdict not_acted_on(ClusterState& state) {
  const std::vector<std::string>& fields = rendered(state).not_acted_on;
  if (fields.empty()) return {"UnsupportedFields", false, "None", say::every_field_supported()};
  return {"UnsupportedFields", true, "NotActedOn", say::fields_ignored(listed(fields))};
}

Verdict repository_host_ready(const ClusterState& state) {
  if (repository_host(state) != nullptr)
    return {"PGBackRestRepoHostReady", true, "RepoHostReady", say::repository_host_ready()};
  return {"PGBackRestRepoHostReady", false, "RepoHostNotReady",
          say::repository_host_without_ready_pod()};
}

Verdict stanza_created(ClusterState& state) {
  constexpr const char* kType = "PGBackRestReplicaRepoReady";
  const std::string chosen = replica_repository(state);
  if (chosen.empty()) return {kType, false, "StanzaNotCreated", say::stanza_missing()};
  std::string missing;
  for (const RepositoryPlace& place : rendered(state).places) {
    if (!has_stanza(state, place.repo)) missing += concat(missing.empty() ? "" : ", ", place.repo);
  }
  return {kType, true, "StanzaCreated",
          missing.empty() ? say::stanza_in_every_repository()
                          : say::stanza_in_replica_repository(chosen, missing)};
}

Verdict first_backup_complete(ClusterState& state) {
  const std::string chosen = replica_repository(state);
  const std::string& first = rendered(state).places.front().repo;
  if (state.backup.phase == BackupPhase::kDone)
    return {"PGBackRestReplicaCreate", true, "RepoBackupComplete",
            chosen == first ? say::replica_create_backup_there()
                            : say::replica_create_backup_in(chosen, first)};
  return {"PGBackRestReplicaCreate", false, "RepoBackupNotComplete",
          say::replica_create_backup_missing()};
}

// None while nothing has come of the last request yet.
std::optional<Verdict> manual_backup(ClusterState& state) {
  constexpr const char* kType = "PGBackRestManualBackupSuccessful";
  if (!state.manual_backup) return std::nullopt;
  const ManualBackup& its = *state.manual_backup;
  if (its.phase == ManualBackupPhase::kSucceeded)
    return Verdict{kType, true, "ManualBackupComplete",
                   say::manual_backup_complete(its.job, its.id)};
  if (its.phase == ManualBackupPhase::kFailed)
    return Verdict{kType, false, "ManualBackupFailed",
                   say::manual_backup_failed(its.job, its.id, its.failure)};
  const bool is_mistaken = its.phase == ManualBackupPhase::kWaiting && !its.mistake.empty();
  if (!is_mistaken || !rendered(state).mistakes.empty()) return std::nullopt;
  return Verdict{kType, false, mistake_in_request(rendered(state).cluster).reason, its.mistake};
}

// There are few.
std::map<std::string, Condition>::iterator find_condition(ClusterState& state,
                                                          std::string_view type) {
  return std::ranges::find_if(state.conditions,
                              [type](const auto& entry) { return entry.first == type; });
}

// A status is written with its conditions: with another one the last status is of no use. Messages
// are compared apart from their wording.
void set_condition(ClusterState& state, Verdict verdict) {
  auto known = find_condition(state, verdict.type);
  if (known == state.conditions.end()) known = state.conditions.try_emplace(verdict.type).first;
  Condition& condition = known->second;
  const bool flipped = condition.reason.empty() || condition.status != verdict.status;
  if (flipped) condition.changed = state.now;
  if (flipped || condition.reason != verdict.reason || condition.message != verdict.message)
    state.rendered_status.reset();
  condition.status = verdict.status;
  condition.reason = std::move(verdict.reason);
  condition.message = std::move(verdict.message);
}

void drop_condition(ClusterState& state, const char* type) {
  const auto known = find_condition(state, type);
  if (known == state.conditions.end()) return;
  state.conditions.erase(known);
  state.rendered_status.reset();
}

// Of the whole spec: what is acted on as it stands, and most likely not meant so.
void update_doubt_condition(ClusterState& state) {
  constexpr const char* kType = "SpecInDoubt";
  std::vector<Message> doubts = version_doubts(state);
  const std::vector<Message>& of_spec = rendered(state).doubts;
  doubts.insert(doubts.begin(), of_spec.begin(), of_spec.end());
  if (doubts.empty()) return drop_condition(state, kType);
  set_condition(state, {kType, true, "FieldsInDoubt", say::fields_in_doubt(std::move(doubts))});
}

// Those of a part that the cluster does not have.
void drop_backup_conditions(ClusterState& state) {
  drop_condition(state, "PGBackRestRepoHostReady");
  drop_condition(state, "PGBackRestReplicaRepoReady");
  drop_condition(state, "PGBackRestReplicaCreate");
}

void update_backup_conditions(ClusterState& state) {
  if (rendered(state).repositories.empty()) return drop_backup_conditions(state);
  if (manifests::has_volume_repository(rendered(state).cluster)) {
    set_condition(state, repository_host_ready(state));
  } else {
    drop_condition(state, "PGBackRestRepoHostReady");
  }
  set_condition(state, stanza_created(state));
  set_condition(state, first_backup_complete(state));
}

// Of those in which an attempt to make it has failed.
void update_stanza_condition(ClusterState& state) {
  constexpr const char* kType = "RepositoryWithoutStanza";
  std::vector<Message> missing;
  bool is_taken = false;
  for (const auto& [repo, its] : state.backup.stanzas) {
    Message trouble = trouble_of_stanza(state, repo);
    if (trouble.empty()) continue;
    missing.push_back(std::move(trouble));
    is_taken = is_taken || is_of_other_database(*its.last_failure);
  }
  if (missing.empty()) return drop_condition(state, kType);
  set_condition(state, {kType, true, is_taken ? "OtherDatabase" : "StanzaFailed",
                        say::stanzas_missing(std::move(missing))});
}

// One that is taken is told before those that two clusters write to: it holds something up.
void update_place_condition(ClusterState& state) {
  constexpr const char* kType = "RepositoryPlaceTaken";
  std::vector<Message> all = places_taken(state);
  const char* reason = all.empty() ? kPlaceShared : kPlaceTaken;
  std::ranges::move(places_shared(state), std::back_inserter(all));
  if (all.empty()) return drop_condition(state, kType);
  set_condition(state, {kType, true, reason, say::all_of(std::move(all))});
}

// Each of them is looked at regularly, so that this is true of now.
void update_repository_conditions(ClusterState& state) {
  const auto update = [&state](const char* type, const char* reason, std::vector<Message> about,
                               const auto& sentence) {
    if (about.empty()) return drop_condition(state, type);
    set_condition(state, {type, true, reason, sentence(std::move(about))});
  };
  update("RepositoryUnreachable", "RepositoryUnreadable", unreadable_repositories(state),
         say::repositories_unreadable);
  update("RetentionMissing", "RepositoryGrows", repositories_without_retention(state),
         [](std::vector<Message> growing) {
           return say::repositories_grow(std::move(growing), "repoN-retention-full");
         });
  update("BackupFaulty", "PageChecksums", faulty_backups(state), [](std::vector<Message> faulty) {
    return say::backups_faulty(std::move(faulty), manifests::annotation::kPgBackRestExpire);
  });
  update("WALMissing", "NotInArchive", repositories_without_wal(state), say::wal_is_missing);
}

// Volumes of instances that have gone: nothing is kept, or removed, without being told.
void update_retired_condition(ClusterState& state) {
  if (state.retired.empty()) {
    drop_condition(state, "RemovedVolumesKept");
    return;
  }
  std::vector<Message> kept;
  for (const auto& [instance, retired] : state.retired)
    kept.push_back(say::volume_kept_until(instance, end_of(state, retired)));
  set_condition(
      state, {"RemovedVolumesKept", true, "InstancesRemoved", say::volumes_kept(std::move(kept))});
}

// PGO has none of it; whoever waits for his script wants to know.
void update_init_sql_condition(ClusterState& state) {
  constexpr const char* kType = "DatabaseInitSQL";
  const auto& script = rendered(state).cluster.spec.database_init_sql;
  if (!script) {
    drop_condition(state, kType);
    return;
  }
  const auto retry = state.retries.find(kInitSqlTarget);
  if (state.init_sql_ran) {
    set_condition(state, {kType, true, "ScriptRun", say::init_sql_ran(*state.init_sql_ran)});
  } else if (retry != state.retries.end()) {
    set_condition(state, {kType, false, "ScriptFailed",
                          say::init_sql_retrying(script->key, script->name, retry->second.error)});
  } else {
    set_condition(state, {kType, false, "NotYet", say::init_sql_not_run(script->name)});
  }
}

void update_manual_condition(ClusterState& state) {
  const std::optional<Verdict> verdict = manual_backup(state);
  if (verdict) {
    set_condition(state, *verdict);
  } else {
    drop_condition(state, "PGBackRestManualBackupSuccessful");
  }
}

// An Event is forgotten after an hour; whose database this is may be asked later.
void update_found_database_condition(ClusterState& state) {
  constexpr const char* kType = "DatabaseFound";
  const std::optional<FoundDatabase> found = found_database(state);
  if (!found) return drop_condition(state, kType);
  set_condition(state, {kType, true, "OlderThanCluster", described(*found)});
}

// What a cluster has counts, and only a full stop changes it.
void update_store_condition(ClusterState& state) {
  constexpr const char* kType = "PatroniStoreDiffers";
  const Rendered& all = rendered(state);
  const bool asks = spec::asks_for_config_maps(all.cluster);
  const bool has = all.world.config_maps;
  if (asks == has || !all.mistakes.empty()) {
    drop_condition(state, kType);
    return;
  }
  const auto word = [](bool in_config_maps) {
    return in_config_maps ? spec::kInConfigMaps : spec::kInEndpoints;
  };
  std::string removal = concat("kubectl delete --ignore-not-found ", word(has));
  for (const ObjectRef& store : stores_of_its_kind(state)) removal += concat(" ", store.name);
  set_condition(state,
                {kType, true, "NotChanged",
                 say::patroni_store_differs(word(has), spec::kPatroniStore, word(asks), removal)});
}

void set_or_drop(ClusterState& state, const char* type, const char* reason,
                 std::vector<Message> messages) {
  if (messages.empty()) {
    drop_condition(state, type);
    return;
  }
  set_condition(state, {type, true, reason, say::all_of(std::move(messages))});
}

void set_or_drop(ClusterState& state, const char* type, std::optional<RestoreVerdict> verdict) {
  if (!verdict) {
    drop_condition(state, type);
    return;
  }
  set_condition(state,
                {type, verdict->status, std::move(verdict->reason), std::move(verdict->message)});
}

}  // namespace

void update_conditions(ClusterState& state) {
  set_condition(state, ready(state));
  set_condition(state, progressing(state));
  set_condition(state, stalled(state));
  set_condition(state, not_acted_on(state));
  update_doubt_condition(state);
  update_backup_conditions(state);
  update_manual_condition(state);
  set_or_drop(state, "PGBackRestoreProgressing", restore_progressing(state));
  set_or_drop(state, "PostgresDataInitialized", data_initialized(state));
  set_or_drop(state, "RestoreDrillSucceeded", drill_succeeded(state));
  set_or_drop(state, "PGBackRestBackupRemoved", backup_removed(state));
  update_init_sql_condition(state);
  set_or_drop(state, "ContinuousArchiving", continuous_archiving(state));
  update_stanza_condition(state);
  update_place_condition(state);
  update_repository_conditions(state);
  update_retired_condition(state);
  update_store_condition(state);
  set_or_drop(state, "CollationVersionMismatch",
              has_indexes_to_rebuild(state) ? "IndexesToRebuild" : "VersionsToRefresh",
              collation_mismatch(state));
  set_or_drop(state, "Standby", standby_verdict(state));
  update_found_database_condition(state);
  set_or_drop(state, "PersistentVolumeResizing", "Resizing", volumes_in_resize(state));
  set_or_drop(state, "PersistentVolumeResizeError", "NotAsAskedFor", volume_troubles(state));
}

}  // namespace annals::fsm
