// What the source of a clone holds, and which of its backups is restored. It is read by whoever
// reaches it: the cluster's own repository host, that of another cluster, or, where it is in an
// object store, a pod that the new cluster has for it.
#include <chrono>
#include <utility>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/operations/clone.h"
#include "fsm/operations/clone_goals.h"
#include "fsm/operations/restore_goals.h"
#include "fsm/step/engine.h"
#include "fsm/step/repository_query.h"
#include "fsm/text/say.h"
#include "fsm/view/data_source.h"
#include "fsm/view/in_sync.h"
#include "fsm/view/rendering.h"
#include "fsm/view/repository_host.h"
#include "fsm/view/restore_plan.h"
#include "manifests/labels.h"
#include "manifests/names.h"
#include "manifests/pgbackrest/pgbackrest_config.h"

namespace annals::fsm::clone {
namespace {

using namespace std::chrono_literals;
using restore::progress_of;

constexpr auto kBetweenReadings = 30s;  // of a source that may come to be as it has to

std::string pod_to_ask(ClusterState& state, const CloneRequest& request) {
  if (progress_of(state).clone->by_reader) return repository_reader_pod(state);
  return concat(manifests::names::repo_host(request.cluster), "-0");
}

// Since it was asked for; by whom does not matter.
const SourceSeen* source_seen(ClusterState& state) {
  return state.source && state.source->at >= progress_of(state).since ? &*state.source : nullptr;
}

// Whose repository is its own is read as that.
bool is_read(ClusterState& state, const CloneRequest& request) {
  if (!request.is_of_own()) {
    const SourceSeen* seen = source_seen(state);
    return seen != nullptr && seen->pod == pod_to_ask(state, request);
  }
  const RepositorySeen* seen = repository_seen(state, request.repo);
  return seen != nullptr && seen->at >= progress_of(state).since;
}

Timestamp read_at(ClusterState& state, const CloneRequest& request) {
  return request.is_of_own() ? repository_seen(state, request.repo)->at : state.source->at;
}

PlannedRestore planned(ClusterState& state, const CloneRequest& request) {
  const RepositoryContents& contents =
      request.is_of_own() ? repository_seen(state, request.repo)->contents : state.source->contents;
  const spec::PostgresCluster& cluster = rendered(state).cluster;
  return plan_restore(request.repo, options_of_clone(cluster), contents,
                      database_in(contents, cluster.spec.postgres_version), state.now);
}

struct Choice {
  RestoreRefusal refusal{};
  PlannedRestore plan{};
};

// Only where the source has been read.
Choice choice(ClusterState& state, const CloneRequest& request) {
  if (!request.is_of_own()) {
    RestoreRefusal refusal =
        mistake_in_source(rendered(state).cluster, *state.config, *state.source);
    if (!refusal.empty()) return {.refusal = std::move(refusal)};
  }
  PlannedRestore plan = planned(state, request);
  RestoreRefusal refusal = plan.refusal;
  return {.refusal = std::move(refusal), .plan = std::move(plan)};
}

Message last_error(ClusterState& state, const CloneRequest& request) {
  if (request.is_of_own()) return obstacle_to_repository(state, request.repo);
  const auto retry = state.retries.find(kSourceTarget);
  return retry == state.retries.end() ? Message() : retry->second.error;
}

// Nobody else can be asked, and it is not there yet.
bool is_reader_awaited(ClusterState& state) {
  return progress_of(state).clone->by_reader && repository_reader(state) == nullptr;
}

// What it mounts comes before it, such as a copy of a Secret that is missing.
Wait wait_for_reader(ClusterState& state) {
  const std::string pod = repository_reader_pod(state);
  const Wanted* missing = first_not_in_sync(state);
  if (missing != nullptr && !state.pods.contains(pod)) return wait_for_object(state, *missing);
  return {.satisfied = false,
          .waits_for = say::reader_to_be_ready(pod, trouble_of_reader(state)),
          .remedy = say::describe_pod_and_logs(pod)};
}

Wait wait_for_reading(ClusterState& state, const CloneRequest& request) {
  if (is_reader_awaited(state)) return wait_for_reader(state);
  Message error = last_error(state, request);
  if (request.is_of_own())
    return {.satisfied = false,
            .waits_for = say::repository_to_be_read(request.repo, std::move(error)),
            .remedy = say::repository_remedy()};
  if (request.is_of_store())
    return {.satisfied = false,
            .waits_for = say::clone_store_to_be_read(request.store, std::move(error)),
            .remedy = say::clone_store_remedy()};
  return {
      .satisfied = false,
      .waits_for = say::clone_source_to_be_read(request.source(), request.repo, std::move(error)),
      .remedy = say::clone_source_read_remedy()};
}

// `pod` empty: only the other cluster is looked at.
void ask_source(StepBuilder& builder, const CloneRequest& request, std::string pod) {
  ClusterState& state = builder.state();
  if (is_pending(state, kSourceTarget) || is_waiting_to_retry(state, kSourceTarget)) return;
  const CloneOrigin& origin = *progress_of(state).clone;
  const Message reason = restore::described(progress_of(state));
  ReadSource action{
      .digest = {},
      .name_space = request.name_space,
      .cluster = request.cluster,
      .pod = std::move(pod),
      .container = manifests::kPgBackRestContainer,
      .repo = request.repo,
      .stanza = origin.stanza.empty() ? std::string(manifests::kStanza) : origin.stanza,
      .pod_namespace = origin.by_reader ? state.spec->name_space : std::string()};
  action.digest = sha256_hex(concat(request.source(), "\n", action.pod, "\n", action.container,
                                    "\n", action.repo, "\n", action.stanza));
  Message doing = request.is_of_store()
                      ? say::reading_clone_store(request.store, reason)
                      : say::reading_clone_source(request.repo, request.source(), reason);
  decide(builder, "read-source", std::move(doing), {std::move(action)});
}

// What the pod reads by may become another one while it is waited for.
void look_again(StepBuilder& builder, const CloneRequest& request) {
  ClusterState& state = builder.state();
  const SourceSeen* seen = source_seen(state);
  if (request.cluster.empty() || seen == nullptr) return;
  const Timestamp next = seen->at + kBetweenReadings;
  if (next > state.now) return requeue_at(state, next);
  ask_source(builder, request, {});
}

void read_source(StepBuilder& builder, const CloneRequest& request) {
  ClusterState& state = builder.state();
  if (is_reader_awaited(state)) return look_again(builder, request);
  if (request.is_of_own())
    return ask_repository(builder, kClone.name, request.repo,
                          restore::described(progress_of(state)));
  ask_source(builder, request, pod_to_ask(state, request));
}

// A source may come, or come to hold what is asked for, at any time.
void read_again(StepBuilder& builder, const CloneRequest& request) {
  ClusterState& state = builder.state();
  const Timestamp next = read_at(state, request) + kBetweenReadings;
  if (next <= state.now) return read_source(builder, request);
  requeue_at(state, next);
}

// Another cluster's repository in an object store: its resource says how it is reached.
void take_access(StepBuilder& builder, const CloneRequest& request) {
  ClusterState& state = builder.state();
  const SourceSeen* seen = source_seen(state);
  if (request.cluster.empty() || seen == nullptr) return;
  if (!mistake_in_source(rendered(state).cluster, *state.config, *seen).empty()) return;
  CloneOrigin& origin = *progress_of(state).clone;
  const bool is_in_store = is_source_in_store(request, *seen);
  const std::string resource = is_in_store ? seen->cluster.resource : std::string();
  if (origin.by_reader == is_in_store && (!is_in_store || origin.resource == resource)) return;
  origin.by_reader = is_in_store;
  origin.resource = resource;
  state.rendered.reset();
  if (!is_in_store) return;
  decide(
      builder, "take-access",
      say::taking_access(request.repo, request.source(), restore::described(progress_of(state))));
}

void take(StepBuilder& builder, const CloneRequest& request, PlannedRestore plan) {
  ClusterState& state = builder.state();
  RestoreProgress& its = progress_of(state);
  its.plan = std::move(plan.plan);
  its.notes = std::move(plan.notes);
  its.failure = {};
  its.failure_reason.clear();
  if (!request.cluster.empty()) its.clone->resource = state.source->cluster.resource;
  decide(builder, "choose-backup", restore::described_plan(its));
}

}  // namespace

Wait backup_chosen(const OperationView& view) {
  ClusterState& state = view.state;
  const spec::PostgresCluster& cluster = rendered(state).cluster;
  const CloneRequest request = clone_request(cluster);
  if (request.id.empty())
    return {.satisfied = false,
            .waits_for = say::clone_source_to_be_put_back(),
            .remedy = say::clone_source_remedy()};
  if (const RestoreRefusal mistake = mistake_in_clone(cluster, *state.config); !mistake.empty())
    return wait_out(mistake);
  if (request.is_of_volume()) return {.satisfied = true};
  if (!is_read(state, request)) return wait_for_reading(state, request);
  const Choice chosen = choice(state, request);
  if (!chosen.refusal.empty()) return wait_out(chosen.refusal);
  return {.satisfied = progress_of(state).plan == chosen.plan.plan,
          .waits_for = say::backup_set_to_be_chosen()};
}

Wait choose_backup(StepBuilder& builder, const OperationView& view) {
  ClusterState& state = builder.state();
  const CloneRequest request = clone_request(rendered(state).cluster);
  if (request.id.empty()) return backup_chosen(view);
  RestoreRefusal refusal = mistake_in_clone(rendered(state).cluster, *state.config);
  if (refusal.empty()) take_access(builder, request);
  if (refusal.empty() && !is_read(state, request)) {
    read_source(builder, request);
    return backup_chosen(look(state));
  }
  Choice chosen;
  if (refusal.empty()) {
    chosen = choice(state, request);
    refusal = chosen.refusal;
    if (!refusal.empty()) read_again(builder, request);
  }
  if (refusal.empty()) {
    take(builder, request, std::move(chosen.plan));
  } else {
    note_refusal(builder, refusal);
  }
  return backup_chosen(look(state));
}

}  // namespace annals::fsm::clone
