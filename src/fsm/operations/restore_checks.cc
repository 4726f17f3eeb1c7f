// Before anything stops: whether what is asked for can be done, and what has to be kept of the
// database that is left.
#include <algorithm>
#include <chrono>
#include <utility>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/operations/restore_goals.h"
#include "fsm/step/engine.h"
#include "fsm/step/events.h"
#include "fsm/step/repository_query.h"
#include "fsm/text/say.h"
#include "fsm/view/database.h"
#include "fsm/view/in_sync.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"
#include "fsm/view/repository_writers.h"
#include "fsm/view/restore_plan.h"
#include "fsm/view/restore_progress.h"
#include "manifests/labels.h"
#include "manifests/names.h"
#include "spec/restore_target.h"

namespace annals::fsm::restore {
namespace {

using namespace std::chrono_literals;

constexpr auto kBetweenReadings = 30s;  // of a repository that may come to hold what is asked for
// To a primary that archives: soon first, and seldom once it takes long.
constexpr auto kShortestPause = 500ms;
constexpr auto kLongestPause = 1min;
constexpr int kOfWaiting = 8;  // the pause is that part of it

void decide(StepBuilder& builder, const char* transition, Message reason,
            std::vector<Action> actions = {}) {
  const std::string request = progress_of(builder.state()).id;
  builder.decide({.machine = kMachine,
                  .transition = transition,
                  .reason = std::move(reason),
                  .inputs = {{.name = "request", .value = request, .holds = true}},
                  .intents = {}},
                 std::move(actions));
}

// Refused for good before anything is stopped; afterwards it is waited for a better request, since
// there is no database to go back to.
Message for_good(const ClusterState& state, const RestoreRefusal& refusal) {
  const bool waits = refusal.may_pass() || is_data_touched(state);
  return waits ? Message() : refusal.text;
}

Wait wait_out(const ClusterState& state, const RestoreRefusal& refusal) {
  if (refusal.empty()) return {.satisfied = true};
  return {.satisfied = false,
          .waits_for = refusal.may_pass() ? refusal.waits_for : say::restore_possible(refusal.text),
          .remedy = is_data_touched(state) ? say::another_restore_remedy(kAnnotation) : Message()};
}

RestoreRefusal mistake_in(ClusterState& state) {
  const RestoreProgress& its = progress_of(state);
  if (!its.undo) return mistake_in_restore(rendered(state).cluster);
  if (!its.back_to) return {.reason = "NothingToUndo", .text = say::nothing_to_undo()};
  const std::string& repo = its.back_to->repo;
  const bool is_there =
      std::ranges::any_of(spec::repositories(rendered(state).cluster),
                          [&repo](const spec::Repository& each) { return each.name == repo; });
  if (is_there) return {};
  return {.reason = "InvalidDataSource", .text = say::undo_repository_missing(repo)};
}

std::string repository_of(ClusterState& state) {
  const RestoreProgress& its = progress_of(state);
  if (its.undo) return its.back_to ? its.back_to->repo : std::string();
  return rendered(state).cluster.spec.backups->pgbackrest->restore->source.repo_name;
}

// Of the one that leads; else of the one that was left, or that has been stopped.
std::int64_t timeline_of_database(ClusterState& state) {
  if (const PodObserved* pod = primary(state)) return pod->timeline;
  const RestoreProgress& its = progress_of(state);
  if (its.left) return its.left->left.timeline;
  return its.point ? its.point->timeline : 0;
}

RestorableDatabase database_of(ClusterState& state) {
  const RestoreProgress& its = progress_of(state);
  RestorableDatabase database{.system_id = its.system_id,
                              .version = rendered(state).cluster.spec.postgres_version,
                              .timeline = timeline_of_database(state),
                              .branches = state.timelines,
                              .archived_until = {},
                              .gaps = repository_seen(state, repository_of(state))->gaps};
  if (its.point && its.archived && its.archived->archived) {
    if (const auto time = spec::parse_point_in_time(its.point->time))
      database.archived_until = time->time;
  }
  return database;
}

PlannedRestore planned(ClusterState& state) {
  const RestoreProgress& its = progress_of(state);
  const std::string repo = repository_of(state);
  const RepositoryContents& contents = repository_seen(state, repo)->contents;
  if (its.undo) return plan_undo(*its.back_to, contents, database_of(state));
  return plan_restore(repo, options_of_restore(rendered(state).cluster), contents,
                      database_of(state), state.now);
}

RestoreRefusal beyond_its_point(const RestoreProgress& its, const RestorePlan& plan) {
  if (!its.point || its.undo) return {};
  const std::optional<std::uint64_t> lsn = spec::parse_lsn(its.point->lsn);
  return lsn ? beyond_restore_point(plan, its.point->timeline, *lsn) : RestoreRefusal();
}

RestoreRefusal trouble_with(ClusterState& state, const PlannedRestore& plan) {
  return plan.refusal.empty() ? beyond_its_point(progress_of(state), plan.plan) : plan.refusal;
}

// Once a primary does not run any more, what it wrote may be all that there is to be known.
bool is_read(ClusterState& state) {
  const RepositorySeen* seen = repository_seen(state, repository_of(state));
  if (seen == nullptr) return false;
  const Message obstacle = obstacle_to_repository(state, repository_of(state));
  const bool is_unreachable = obstacle.id == MessageId::nobody_reaches_repository;
  return (is_unreachable && is_data_touched(state)) || seen->at >= progress_of(state).since;
}

RestoreRefusal lack_of_room(const OperationView& view) {
  const RestoreProgress& its = progress_of(view.state);
  const std::string claim = manifests::names::data_volume(its.instance);
  const ObjectFields& fields = fields_of(view.state, {.api_version = "v1",
                                                      .kind = "PersistentVolumeClaim",
                                                      .name_space = view.state.spec->name_space,
                                                      .name = claim});
  return no_room(its.plan, fields.claim->capacity.value_or(""), claim);
}

// A primary that cannot be asked, or an archive that takes nothing.
Wait without_archive(ClusterState& state, Message waits_for) {
  return {.satisfied = false,
          .waits_for = std::move(waits_for),
          .remedy = say::without_archive_remedy(kWithoutArchive, progress_of(state).id)};
}

Message error_of(const ClusterState& state, const std::string& target) {
  const auto retry = state.retries.find(target);
  return retry == state.retries.end() ? Message() : retry->second.error;
}

}  // namespace

bool keeps_nothing(ClusterState& state) {
  return is_data_touched(state) || !allowed_without_archive(state).empty();
}

std::string allowed_without_archive(ClusterState& state) {
  const auto& annotations = rendered(state).cluster.annotations;
  const auto allowed = annotations.find(kWithoutArchive);
  if (allowed == annotations.end() || allowed->second != progress_of(state).id) return {};
  const bool is_news = state.changes.text.contains(kWithoutArchive);
  return is_news && !state.changes.actor.empty() ? state.changes.actor
                                                 : std::string(kWithoutArchive);
}

Wait request_valid(const OperationView& view) {
  ClusterState& state = view.state;
  const RestoreRequest request = restore_request(rendered(state).cluster);
  if (is_of(state, request)) return wait_out(state, mistake_in(state));
  if (!request.id.empty())
    return {.satisfied = false, .waits_for = say::restore_to_be_taken_up(request.id)};
  // Nobody asks any more. What is restored comes up; what is half written has to be restored.
  if (progress_of(state).phase > RestorePhase::kRestoring) return {.satisfied = true};
  return {.satisfied = false,
          .waits_for = say::restore_requested_anew(),
          .remedy = say::another_restore_remedy(kAnnotation)};
}

Wait replace_request(StepBuilder& builder, const OperationView& /*view*/) {
  ClusterState& state = builder.state();
  const RestoreRequest request = restore_request(rendered(state).cluster);
  if (!request.id.empty() && !is_of(state, request)) {
    take_up(state, request);
    decide(builder, "replace", say::restore_replaced(described(progress_of(state))));
  }
  return request_valid(look(state));
}

Message request_refused(const OperationView& view) {
  ClusterState& state = view.state;
  if (!is_of(state, restore_request(rendered(state).cluster))) return {};
  return for_good(state, mistake_in(state));
}

Wait repository_read(const OperationView& view) {
  ClusterState& state = view.state;
  if (is_read(state)) return {.satisfied = true};
  const std::string repo = repository_of(state);
  return {.satisfied = false,
          .waits_for = say::repository_to_be_read(repo, obstacle_to_repository(state, repo)),
          .remedy = say::repository_remedy()};
}

Wait read_repository(StepBuilder& builder, const OperationView& view) {
  const RestoreProgress& its = progress_of(view.state);
  ask_repository(builder, kMachine, repository_of(view.state), described(its));
  return repository_read(view);
}

Wait target_in_reach(const OperationView& view) {
  ClusterState& state = view.state;
  const PlannedRestore plan = planned(state);
  const RestoreRefusal trouble = trouble_with(state, plan);
  if (!trouble.empty()) return wait_out(state, trouble);
  return {.satisfied = progress_of(state).plan == plan.plan,
          .waits_for = say::backup_set_to_be_chosen()};
}

Wait choose_backup(StepBuilder& builder, const OperationView& view) {
  ClusterState& state = builder.state();
  const PlannedRestore plan = planned(state);
  if (!trouble_with(state, plan).empty()) {
    const std::string repo = repository_of(state);
    const Timestamp next = repository_seen(state, repo)->at + kBetweenReadings;
    if (next <= state.now)
      ask_repository(builder, kMachine, repo, described(progress_of(state)));
    else
      requeue_at(state, next);
    return target_in_reach(view);
  }
  RestoreProgress& its = progress_of(state);
  its.plan = plan.plan;
  its.notes = plan.notes;
  state.rendered.reset();  // schedules rest
  decide(builder, "choose-backup", described_plan(its));
  return target_in_reach(look(state));
}

Message target_refused(const OperationView& view) {
  ClusterState& state = view.state;
  if (!is_read(state)) return {};
  return for_good(state, trouble_with(state, planned(state)));
}

Wait volume_has_room(const OperationView& view) { return wait_out(view.state, lack_of_room(view)); }

Message room_refused(const OperationView& view) { return for_good(view.state, lack_of_room(view)); }

RestoreRefusal refusal_of(const OperationView& view) {
  ClusterState& state = view.state;
  RestoreRefusal refusal = mistake_in(state);
  if (refusal.empty() && is_read(state)) refusal = trouble_with(state, planned(state));
  return refusal.empty() ? lack_of_room(view) : refusal;
}

// Kubernetes begins scheduled backups by itself, and would begin one in the middle.
Wait schedules_suspended(const OperationView& view) {
  ClusterState& state = view.state;
  for (const Wanted& wanted : rendered(state).wanted) {
    if (wanted.ref.kind != "CronJob" || in_sync(state, wanted)) continue;
    return {
        .satisfied = false,
        .waits_for = say::schedule_to_be_suspended(wanted.target, error_of(state, wanted.target))};
  }
  return {.satisfied = true};
}

Wait backups_ended(const OperationView& view) { return no_other_writer(view.state); }

Wait point_made(const OperationView& view) {
  ClusterState& state = view.state;
  if (progress_of(state).point || keeps_nothing(state)) return {.satisfied = true};
  if (primary(state) == nullptr) return without_archive(state, say::primary_awaited(""));
  return without_archive(state,
                         say::restore_point_to_be_made(error_of(state, kRestorePointTarget)));
}

Wait make_point(StepBuilder& builder, const OperationView& view) {
  ClusterState& state = builder.state();
  const bool is_asked =
      is_pending(state, kRestorePointTarget) || is_waiting_to_retry(state, kRestorePointTarget);
  if (is_asked || primary(state) == nullptr) return point_made(view);
  const RunSql& sql = rendered(state).sql;
  const std::string name = restore_point_name(state);
  decide(builder, "make-restore-point",
         say::making_restore_point(name, described(progress_of(state))),
         {MakeRestorePoint{.digest = sha256_hex(concat(sql.host, ":", sql.port, "\n", name)),
                           .host = sql.host,
                           .port = sql.port,
                           .authority_secret = sql.authority_secret,
                           .server = sql.server,
                           .name = name}});
  return point_made(view);
}

Wait point_archived(const OperationView& view) {
  ClusterState& state = view.state;
  const RestoreProgress& its = progress_of(state);
  if (keeps_nothing(state)) return {.satisfied = true};
  const bool is_answered = its.archived && its.archived->segment == its.point->segment;
  if (is_answered && its.archived->archived) return {.satisfied = true};
  const std::string trouble = is_answered ? its.archived->trouble : std::string();
  const Message error = error_of(state, kArchivedTarget);
  return without_archive(
      state, say::segment_to_be_archived(its.point->segment,
                                         trouble.empty() ? error : say::archiver_fails(trouble)));
}

Wait ask_whether_archived(StepBuilder& builder, const OperationView& view) {
  ClusterState& state = builder.state();
  const RestoreProgress& its = progress_of(state);
  const Duration pause =
      std::clamp<Duration>((state.now - its.since) / kOfWaiting, kShortestPause, kLongestPause);
  const Timestamp next = its.archived_at + pause;
  if (its.archived && its.archived->segment == its.point->segment && next > state.now) {
    requeue_at(state, next);
    return point_archived(view);
  }
  if (is_pending(state, kArchivedTarget) || is_waiting_to_retry(state, kArchivedTarget))
    return point_archived(view);
  const RunSql& sql = rendered(state).sql;
  const std::string segment = its.point->segment;
  decide(builder, "ask-archive", say::asking_whether_archived(segment),
         {CheckArchived{.digest = sha256_hex(concat(sql.host, ":", sql.port, "\n", segment)),
                        .host = sql.host,
                        .port = sql.port,
                        .authority_secret = sql.authority_secret,
                        .server = sql.server,
                        .segment = segment}});
  return point_archived(view);
}

}  // namespace annals::fsm::restore
