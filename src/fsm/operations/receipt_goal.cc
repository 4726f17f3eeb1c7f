#include "fsm/operations/receipt_goal.h"

#include <algorithm>
#include <chrono>
#include <ranges>
#include <utility>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/step/events.h"
#include "fsm/step/job_trouble.h"
#include "fsm/step/remove_receipt_job.h"
#include "fsm/text/say.h"
#include "fsm/view/job_pods.h"
#include "fsm/view/pod_trouble.h"
#include "fsm/view/rendering.h"
#include "fsm/view/shutdown_receipt.h"
#include "fsm/view/standby.h"
#include "manifests/pgbackrest/pgbackrest_config.h"
#include "manifests/pgbackrest/receipt_job.h"
#include "spec/restore_target.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr auto kFirstPauseOfReceipt = 10s;
constexpr auto kLastPauseOfReceipt = 1h;
constexpr int kDoublingsOfPause = 9;

// The one whose end is awaited.
const ObjectObserved* own_receipt_job(const ClusterState& state) {
  const ObjectObserved* job = receipt_job(state);
  const bool is_own = job != nullptr && state.receipt && !state.receipt->hash.empty() &&
                      job->fields.job->restore == state.receipt->hash;
  return is_own ? job : nullptr;
}

Message trouble_of_receipt(ClusterState& state) {
  Message trouble;
  if (const ObjectObserved* job = own_receipt_job(state)) trouble = trouble_of_job(state, *job);
  for (const PodObserved* pod : pods_of_job(state, receipt_job_ref(state).name)) {
    if (trouble.empty() && !pod->end) trouble = trouble_of(state, *pod);
  }
  const auto retry = state.retries.find(to_string(receipt_job_ref(state)));
  if (trouble.empty() && retry != state.retries.end()) trouble = retry->second.error;
  if (trouble.empty() && state.receipt) trouble = state.receipt->failure;
  return trouble;
}

// ---- What a Job has said

void pause_receipt(ClusterState& state) {
  ShutdownReceipt& its = *state.receipt;
  const Duration pause = kFirstPauseOfReceipt * (1 << std::min(its.attempt, kDoublingsOfPause));
  its.retry_at = state.now + std::min<Duration>(pause, kLastPauseOfReceipt);
  its.attempt += 1;
  its.hash.clear();  // by which the one that has ended is awaited no more
}

void tell_receipt_failure(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const ShutdownReceipt& its = *state.receipt;
  report_event(builder, EventType::kWarning, "ShutdownReceiptFailed",
               its.impossible ? say::receipt_impossible(its.failure, say::receipt_remedy())
                              : say::receipt_failed(its.failure));
}

void note_failed_receipt(StepBuilder& builder, Message why, bool is_final) {
  ClusterState& state = builder.state();
  ShutdownReceipt& its = *state.receipt;
  its.failure = std::move(why);
  its.impossible = is_final && !its.its;
  pause_receipt(state);
  if (its.impossible) its.retry_at.reset();
  tell_receipt_failure(builder);
}

// "repo1: exit status 49: ..." of each that did not take it.
Message words_of_failed(const std::map<std::string, std::string>& failed) {
  std::vector<Message> all;
  for (const auto& [repo, why] : failed) all.push_back(say::receipt_not_in(repo, why));
  return say::receipt_not_in_all(std::move(all));
}

void note_receipt(StepBuilder& builder, const Receipt& receipt) {
  ClusterState& state = builder.state();
  ShutdownReceipt& its = *state.receipt;
  const bool is_first = !its.its;
  its.its = receipt;
  its.failed.clear();
  bool is_more = is_first;
  for (const auto& [name, said] : report_of_job(state, receipt_job_ref(state).name)) {
    const auto asked = its.asked.find(name);
    if (asked == its.asked.end()) continue;
    if (said == manifests::kReceiptWritten) {
      is_more = !its.written.contains(name) || is_more;
      its.written[name] = asked->second;
    } else {
      its.failed[name] = said;
    }
  }
  if (!is_more) return;
  report_event_once(builder, EventType::kNormal, "ShutdownReceiptWritten",
                    say::receipt_written(spec::lsn_text(receipt.end_lsn), receipt.timeline,
                                         spec::lsn_text(receipt.checkpoint_lsn), receipt.system_id,
                                         listed(its.written | std::views::keys)));
}

void take_receipt(StepBuilder& builder, const Receipt& receipt) {
  ClusterState& state = builder.state();
  note_receipt(builder, receipt);
  ShutdownReceipt& its = *state.receipt;
  if (stores_without_receipt(state).empty()) {
    its.hash.clear();
    its.failure = {};
    return clear_event(state, "ShutdownReceiptFailed");
  }
  its.failure = words_of_failed(its.failed);
  pause_receipt(state);
  if (!its.failed.empty()) return tell_receipt_failure(builder);
  its.retry_at.reset();  // another repository has come
}

std::optional<Receipt> told_receipt(const ClusterState& state) {
  const std::string cluster = concat(state.spec->name_space, "/", state.spec->name);
  for (const PodObserved* pod : pods_of_job(state, receipt_job_ref(state).name)) {
    if (pod->end && pod->end->receipt && pod->end->receipt->cluster == cluster)
      return pod->end->receipt;
  }
  return std::nullopt;
}

// Its words come with its pod, which may be told of later than the Job.
void note_end_of_job(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const ObjectObserved* job = own_receipt_job(state);
  if (job == nullptr || !job->fields.job->has_ended() || runs_pod_of_job(state, job->ref.name))
    return;
  if (job->fields.job->complete) {
    if (const std::optional<Receipt> receipt = told_receipt(state))
      return take_receipt(builder, *receipt);
    return note_failed_receipt(builder, say::receipt_report_lost(to_string(job->ref)), false);
  }
  for (const PodObserved* pod : pods_of_job(state, job->ref.name)) {
    if (!pod->end || pod->end->message.empty()) continue;
    const bool is_final = pod->end->exit_code == manifests::kNoCleanEnd;
    return note_failed_receipt(builder, say::job_ended_with(pod->end->message), is_final);
  }
  note_failed_receipt(builder, say::job_ended_with(*job->fields.job->failed), false);
}

// ---- The Job

// One of another attempt, with what is left of it.
bool is_another_receipt_job(const ClusterState& state) {
  return receipt_job(state) != nullptr || !pods_of_job(state, receipt_job_ref(state).name).empty();
}

void start_receipt_job(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const ObjectRef ref = receipt_job_ref(state);
  const std::string target = to_string(ref);
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  ShutdownReceipt& its = *state.receipt;
  const manifests::ReceiptJob job{.id = annals::to_string(its.since),
                                  .instance = state.startup_instance,
                                  .repos = stores_without_receipt(state),
                                  .attempt = its.attempt};
  its.hash = manifests::hash_of(job);
  its.retry_at.reset();
  for (const spec::Repository* repo : stores_of_receipt(state))
    its.asked[repo->name] = manifests::repository_options_hash(*repo);
  const Rendered& all = rendered(state);
  std::string manifest = manifests::receipt_job_manifest(all.cluster, all.world, job);
  std::string digest = sha256_hex(manifest);
  builder.decide(
      {.machine = name_of(state.operation),
       .transition = "start-job",
       .reason = say::starting_receipt_job(
           target, its.attempt == 0 ? std::string() : std::to_string(its.attempt + 1),
           state.startup_instance),
       .inputs = {{.name = "instance", .value = state.startup_instance, .holds = true}},
       .intents = {}},
      {ApplyObject{
          .ref = ref, .digest = std::move(digest), .manifest = std::move(manifest), .guard = {}}});
}

}  // namespace

Wait receipt_written(const OperationView& view) {
  ClusterState& state = view.state;
  if (!is_receipt_needed(state) || is_receipt_complete(state)) return {.satisfied = true};
  // Which is told by an Event: nobody can wait for it.
  if (!obstacle_to_receipt(state).empty()) return {.satisfied = true};
  return {.satisfied = false,
          .waits_for = say::receipt_to_be_written(to_string(receipt_job_ref(state)),
                                                  trouble_of_receipt(state)),
          .remedy = say::receipt_job_remedy(receipt_job_ref(state).name)};
}

Wait write_receipt(StepBuilder& builder, const OperationView& view) {
  ClusterState& state = builder.state();
  if (!state.receipt) state.receipt = ShutdownReceipt{.since = state.now};
  note_end_of_job(builder);
  if (is_receipt_complete(state) || state.receipt->impossible || own_receipt_job(state) != nullptr)
    return receipt_written(view);
  if (state.receipt->retry_at && *state.receipt->retry_at > state.now) {
    requeue_at(state, *state.receipt->retry_at);
  } else if (is_another_receipt_job(state)) {
    remove_receipt_job(builder, name_of(state.operation));
  } else {
    start_receipt_job(builder);
  }
  return receipt_written(view);
}

}  // namespace annals::fsm
