#include "fsm/machines/status.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "base/sha256.h"
#include "fsm/step/conditions.h"
#include "fsm/text/say.h"
#include "fsm/text/sentence.h"
#include "fsm/view/backup_request.h"
#include "fsm/view/backup_sets.h"
#include "fsm/view/database.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"
#include "fsm/view/repository_growth.h"
#include "fsm/view/repository_host.h"
#include "fsm/view/repository_stanzas.h"
#include "fsm/view/standby.h"
#include "fsm/view/standby_progress.h"
#include "fsm/view/wal_gaps.h"
#include "manifests/cluster/status.h"
#include "manifests/names.h"
#include "manifests/pgbackrest/pgbackrest_config.h"
#include "spec/restore_target.h"

namespace annals::fsm {

struct RenderedStatus {
  // What it was made from, beside the conditions: with any of these it goes (conditions.cc).
  manifests::StatusDocument rest;

  std::string digest;
};

namespace {

// A status is written as a whole, and has to stay small. Older ones can be restored as well.
constexpr std::size_t kBackupsInStatusMax = 100;

// Seconds, as Kubernetes writes its times.
std::string rfc3339_seconds(Timestamp time) {
  std::string text = annals::to_string(time);
  text.replace(text.find('.'), std::string::npos, "Z");
  return text;
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

manifests::JobStatus status_of_job(const JobFields& job) {
  return {.start_time = job.start_time.value_or(""),
          .completion_time = job.completion_time.value_or(""),
          .active = job.active.value_or(0),
          .succeeded = job.succeeded.value_or(0),
          .failed = job.failures.value_or(0)};
}

// Of the last request that was taken up.
void add_restore(const ClusterState& state, manifests::StatusDocument& status) {
  if (!state.restore || state.restore->phase == RestorePhase::kAnswered) return;
  const RestoreProgress& its = *state.restore;
  if (its.clone && its.clone->of_volume) return;
  const bool finished = its.phase == RestorePhase::kSucceeded || its.phase == RestorePhase::kFailed;
  status.restore = {.id = its.id, .finished = finished, .job = status_of_job(its.seen)};
}

// As its request or its time; the last one that was taken up.
void add_drill(const ClusterState& state, manifests::StatusDocument& status) {
  if (!state.drill || state.drill->phase == DrillPhase::kAnswered) return;
  const Drill& its = *state.drill;
  const bool finished = its.phase == DrillPhase::kSucceeded || its.phase == DrillPhase::kFailed;
  status.drill = {.id = its.id, .finished = finished, .job = status_of_job(its.seen)};
}

void add_removal(const ClusterState& state, manifests::StatusDocument& status) {
  if (!state.removal || state.removal->phase == RemovalPhase::kAnswered) return;
  const BackupRemoval& its = *state.removal;
  const bool finished = its.phase == RemovalPhase::kSucceeded || its.phase == RemovalPhase::kFailed;
  status.expire = {.id = its.id, .finished = finished, .job = status_of_job(its.seen)};
}

void add_jobs(const ClusterState& state, manifests::StatusDocument& status) {
  const std::optional<ManualBackup>& manual = state.manual_backup;
  if (manual && manual->phase != ManualBackupPhase::kAnswered) {
    const bool finished = manual->phase == ManualBackupPhase::kSucceeded ||
                          manual->phase == ManualBackupPhase::kFailed;
    status.manual_backup = {
        .id = manual->id, .finished = finished, .job = status_of_job(manual->seen)};
  }
  for (const ObjectObserved* job : jobs_of(state)) {
    const std::string type = job->fields.job->schedule.value_or("");
    if (type.empty()) continue;
    const std::string repo = job->fields.job->repo.value_or("");
    status.scheduled_backups.push_back(
        {.cron_job = manifests::names::backup_cron_job(state.spec->name, repo, type),
         .repo = repo,
         .type = type,
         .job = status_of_job(*job->fields.job)});
  }
}

std::string rfc3339_if_known(const std::optional<Timestamp>& time) {
  return time ? rfc3339_seconds(*time) : std::string();
}

void add_archive(const RepositoryContents& contents, manifests::RepositoryContentsStatus& status) {
  const ArchivedWal* archive = last_archive(contents);
  if (archive == nullptr) return;
  const auto time = [](Timestamp at) { return at == Timestamp() ? "" : rfc3339_seconds(at); };
  status.last_wal = {.name = archive->last, .time = time(archive->last_at)};
}

// With the first good backup that none of it stops, once there is one.
void add_missing_wal(const RepositorySeen& seen, const Sets& sets,
                     manifests::RepositoryContentsStatus& status) {
  for (const WalGap& gap : seen.gaps) {
    manifests::MissingWalStatus missing{
        .first = gap.first, .last = gap.last, .after = rfc3339_seconds(gap.after)};
    const auto next =
        std::ranges::find_if(sets.rbegin(), sets.rend(), [&gap](const BackupSet* set) {
          return is_behind(gap, *set);
        }).base();
    if (next != sets.end()) missing.restorable_from = rfc3339_seconds(oldest_time_of(**next));
    status.missing_wal.push_back(std::move(missing));
  }
}

// Nothing while it has not been looked into.
std::optional<manifests::RepositoryContentsStatus> status_of_contents(ClusterState& state,
                                                                      const std::string& repo) {
  const auto seen = state.repositories.find(repo);
  if (seen == state.repositories.end()) return std::nullopt;
  const RepositoryContents& contents = seen->second.contents;
  // A look that finds nothing new is no news.
  const Timestamp looked_at =
      seen->second.since == Timestamp() ? seen->second.at : seen->second.since;
  manifests::RepositoryContentsStatus status{.looked_at = rfc3339_seconds(looked_at),
                                             .trouble = contents.trouble};
  status.size = static_cast<std::int64_t>(stored_size(contents));
  status.growth_per_day = static_cast<std::int64_t>(growth_per_day(contents));
  add_archive(contents, status);
  const RestorableDatabase database{.system_id = system_identifier(state),
                                    .gaps = seen->second.gaps};
  const RepositoryDatabase* own = own_database(contents, database);
  if (own == nullptr) return status;
  const RestorableTimes times = restorable_times(contents, database);
  status.oldest_restorable_time = rfc3339_if_known(times.oldest);
  status.newest_restorable_time = rfc3339_if_known(times.newest);
  const Sets sets = sets_of(contents, *own);
  add_missing_wal(seen->second, without_faults(sets), status);
  for (const BackupSet* set : newest_of(sets, kBackupsInStatusMax))
    status.backups.push_back({.label = set->label,
                              .type = set->type,
                              .start_time = rfc3339_seconds(set->start),
                              .stop_time = rfc3339_seconds(set->stop),
                              .size = static_cast<std::int64_t>(set->size),
                              .faulty = set->faulty});
  return status;
}

std::optional<manifests::VerifiedBackupStatus> status_of_proof(const ClusterState& state,
                                                               const std::string& repo) {
  const auto found = state.verified.find(repo);
  if (found == state.verified.end()) return std::nullopt;
  const VerifiedBackup& its = found->second;
  return manifests::VerifiedBackupStatus{.label = its.label,
                                         .type = its.type,
                                         .verified_at = rfc3339_seconds(its.at),
                                         .wal_end = its.wal_end,
                                         .last_transaction = its.last_transaction,
                                         .checks = its.checks,
                                         .databases = its.databases,
                                         .tables = its.tables,
                                         .rows = its.rows,
                                         .seconds = its.seconds,
                                         .age = its.age,
                                         .answer = its.answer};
}

std::optional<manifests::RepositoryErrorStatus> status_of_error(const ClusterState& state,
                                                                const std::string& repo) {
  const auto error = state.repository_errors.find(repo);
  if (error == state.repository_errors.end()) return std::nullopt;
  return manifests::RepositoryErrorStatus{.message = error->second.text,
                                          .time = rfc3339_seconds(error->second.at)};
}

// Nothing for one in an object store.
std::optional<std::string> status_of_volume(const ClusterState& state,
                                            const spec::Repository& repo) {
  if (!repo.volume) return std::nullopt;
  const auto claim =
      state.objects.find({.api_version = "v1",
                          .kind = "PersistentVolumeClaim",
                          .name_space = state.spec->name_space,
                          .name = manifests::names::repo_volume(state.spec->name, repo.name)});
  if (claim == state.objects.end()) return "";
  return claim->second.fields.claim->volume.value_or("");
}

// pgBackRest's part of the status; nothing without backups.
void add_backups(ClusterState& state, manifests::StatusDocument& status) {
  const Rendered& all = rendered(state);
  if (all.repositories.empty()) return;
  status.has_repository_host = manifests::has_volume_repository(all.cluster);
  status.repository_host_ready = repository_host(state) != nullptr;
  for (const spec::Repository& repo : spec::repositories(all.cluster)) {
    status.repositories.push_back(
        {.name = repo.name,
         .stanza_created = has_stanza(state, repo.name),
         .replica_create_backup_complete =
             repo.name == replica_repository(state) && state.backup.phase == BackupPhase::kDone,
         .volume = status_of_volume(state, repo),
         .repo_options_hash = manifests::repository_options_hash(repo),
         .contents = status_of_contents(state, repo.name),
         .verified = status_of_proof(state, repo.name),
         .last_error = status_of_error(state, repo.name)});
  }
  add_jobs(state, status);
  add_restore(state, status);
  add_drill(state, status);
  add_removal(state, status);
}

std::string lsn_if_known(std::uint64_t lsn) { return lsn == 0 ? "" : spec::lsn_text(lsn); }

// Of a cluster that follows another one, once somebody has looked.
void add_standby(ClusterState& state, manifests::StatusDocument& status) {
  if (!state.standby || !follows_another(state)) return;
  const StandbyAnswer& its = state.standby->its;
  manifests::StandbyStatus told{.source = sentence(followed_by(rendered(state).cluster)),
                                .state = to_string(feed_of(state)),
                                .received_lsn = lsn_if_known(its.received_lsn),
                                .replayed_lsn = lsn_if_known(its.replayed_lsn),
                                .timeline = its.timeline,
                                .last_transaction = rfc3339_if_known(its.last_transaction),
                                .last_received = rfc3339_if_known(received_at(*state.standby)),
                                .system_identifier = its.system_id};
  if (const auto lag = lag_bytes(its)) told.lag_bytes = static_cast<std::int64_t>(*lag);
  if (const auto lag = replay_lag(its))
    told.replay_lag_seconds = std::chrono::duration_cast<std::chrono::seconds>(*lag).count();
  status.standby = std::move(told);
}

void add_receipt(const ClusterState& state, manifests::StatusDocument& status) {
  if (!state.receipt || !state.receipt->its) return;
  const Receipt& its = *state.receipt->its;
  status.shutdown_receipt = {.timeline = its.timeline,
                             .checkpoint = spec::lsn_text(its.checkpoint_lsn),
                             .end = spec::lsn_text(its.end_lsn),
                             .system_identifier = its.system_id,
                             .time = rfc3339_seconds(its.at)};
  for (const auto& [repo, place] : state.receipt->written)
    status.shutdown_receipt->repositories.push_back(repo);
}

// All but the conditions.
manifests::StatusDocument document_without_conditions(ClusterState& state) {
  manifests::StatusDocument status;
  status.name_space = state.spec->name_space;
  status.name = state.spec->name;
  status.observed_generation = state.spec->generation;
  if (const PodObserved* pod = primary(state)) status.primary = pod->name;
  status.system_identifier = system_identifier(state);
  status.database_init_sql = state.init_sql_ran.value_or("");
  add_receipt(state, status);
  add_backups(state, status);
  add_standby(state, status);
  for (const auto& [set, replicas] : rendered(state).sets) {
    status.instances.push_back(status_of_set(state, set, replicas));
  }
  return status;
}

std::string manifest_of(const manifests::StatusDocument& rest,
                        const std::map<std::string, Condition>& conditions,
                        std::string (*word)(const Message&)) {
  std::vector<manifests::StatusCondition> worded;
  worded.reserve(conditions.size());
  for (const auto& [type, condition] : conditions) {
    worded.push_back({.type = type,
                      .status = condition.status,
                      .reason = condition.reason,
                      .message = word(condition.message),
                      .last_transition_time = rfc3339_seconds(condition.changed)});
  }
  return manifests::status_manifest(rest, worded);
}

// Asked for in nearly every step, and the same in most: whether it is, has to cost little.
const RenderedStatus& rendered_status(ClusterState& state) {
  manifests::StatusDocument rest = document_without_conditions(state);
  const RenderedStatus* last = state.rendered_status.get();
  if (last != nullptr && last->rest == rest) return *last;
  RenderedStatus made{.rest = std::move(rest), .digest = {}};
  made.digest = sha256_hex(manifest_of(made.rest, state.conditions, key_of));
  state.rendered_status = std::make_shared<const RenderedStatus>(std::move(made));
  return *state.rendered_status;
}

// PostgreSQL and Patroni may take minutes for these, or never answer: that is told while it lasts.
bool takes_long(const Action& action) {
  return std::holds_alternative<SwitchOver>(action) ||
         std::holds_alternative<RestartPostgres>(action) ||
         std::holds_alternative<Checkpoint>(action) || std::holds_alternative<RunInitSql>(action) ||
         std::holds_alternative<ReadRepository>(action) ||
         std::holds_alternative<MakeRestorePoint>(action) ||
         std::holds_alternative<CheckArchived>(action) ||
         std::holds_alternative<ReadSource>(action) ||
         std::holds_alternative<ReadVolumes>(action) ||
         std::holds_alternative<ReadCollations>(action) ||
         std::holds_alternative<ReadArchiver>(action) ||
         std::holds_alternative<ReadStandby>(action) ||
         std::holds_alternative<WithdrawReceipt>(action);
}

// While objects are being written there is nothing settled to tell; the last outcome brings us here
// again.
bool is_writing(const ClusterState& state) {
  return std::ranges::any_of(state.pending, [](const auto& entry) {
    return !std::holds_alternative<PatchStatus>(entry.second) && !takes_long(entry.second);
  });
}

}  // namespace

void decide_status(StepBuilder& builder) {
  ClusterState& state = builder.state();
  update_conditions(state);
  if (is_writing(state)) return;
  Action asked = PatchStatus{.ref = {.api_version = "postgres-operator.crunchydata.com/v1beta1",
                                     .kind = "PostgresCluster",
                                     .name_space = state.spec->name_space,
                                     .name = state.spec->name},
                             .digest = {},
                             .manifest = {}};
  const std::string target = target_of(asked);
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  const RenderedStatus& status = rendered_status(state);
  const auto written = state.written.find(target);
  if (written != state.written.end() && written->second.asked == status.digest) return;
  auto& patch = std::get<PatchStatus>(asked);
  patch.digest = status.digest;
  patch.manifest = manifest_of(status.rest, state.conditions, sentence);
  builder.decide({.machine = "status",
                  .transition = "publish",
                  .reason = say::status_published(state.conditions["Ready"].message,
                                                  state.conditions["Progressing"].message),
                  .inputs = {},
                  .intents = {}},
                 {std::move(asked)}, true);
}

}  // namespace annals::fsm
