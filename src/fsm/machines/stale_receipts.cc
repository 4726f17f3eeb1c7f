#include "fsm/machines/stale_receipts.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/step/events.h"
#include "fsm/step/remove_receipt_job.h"
#include "fsm/text/say.h"
#include "fsm/view/database.h"
#include "fsm/view/job_pods.h"
#include "fsm/view/shutdown_receipt.h"
#include "fsm/view/standby.h"
#include "manifests/names.h"
#include "manifests/pgbackrest/receipt_file.h"

namespace annals::fsm {
namespace {

constexpr const char* kStaleReceipts = "shutdown-receipt";
constexpr const char* kReceiptFailed = "ShutdownReceiptFailed";
constexpr const char* kNotWithdrawn = "ShutdownReceiptNotWithdrawn";

std::string target_of_receipt(const std::string& repo) { return concat(kReceiptTarget, repo); }

// It will not hold any more, wherever it is by then. A Job may put it where it cannot say so, and
// one of another journal where this one does not know of it: every store is a debt.
void note_debts(ClusterState& state) {
  if (follows_another(state)) return;
  for (const spec::Repository* repo : stores_of_receipt(state))
    state.stale_receipts.insert(repo->name);
}

void void_receipt(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (!state.receipt) return;
  const bool was_made = state.receipt->its.has_value();
  state.receipt.reset();
  clear_event(state, kReceiptFailed);
  if (was_made)
    report_event_once(builder, EventType::kNormal, "ShutdownReceiptVoid", say::receipt_void());
}

// Those that are in the specification no more are not reached any more.
void forget_lost_stores(ClusterState& state) {
  if (state.stale_receipts.empty()) return;
  const std::vector<const spec::Repository*> stores = stores_of_receipt(state);
  std::erase_if(state.stale_receipts, [&](const std::string& repo) {
    return std::ranges::find(stores, repo, &spec::Repository::name) == stores.end();
  });
}

void withdraw(StepBuilder& builder, const PodObserved& pod, const std::string& repo) {
  ClusterState& state = builder.state();
  const std::string target = target_of_receipt(repo);
  if (is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  WithdrawReceipt action{.digest = {},
                         .pod = pod.name,
                         .container = manifests::kDatabaseContainer,
                         .repo = repo,
                         .file = manifests::kReceiptFile,
                         .cluster = concat(state.spec->name_space, "/", state.spec->name),
                         .at = state.now};
  action.digest =
      sha256_hex(concat(action.pod, "\n", action.container, "\n", action.repo, "\n", action.file,
                        "\n", action.cluster, "\n", annals::to_string(action.at)));
  builder.decide({.machine = kStaleReceipts,
                  .transition = "withdraw-receipt",
                  .reason = say::withdrawing_receipt(repo),
                  .inputs = {{.name = "primary", .value = pod.name, .holds = true}},
                  .intents = {}},
                 {std::move(action)});
}

// What a Job still writes would come after it.
bool may_be_written(const ClusterState& state) {
  const ObjectRef job = receipt_job_ref(state);
  return receipt_job(state) != nullptr || is_pending(state, to_string(job)) ||
         !pods_of_job(state, job.name).empty();
}

void tell_failures(StepBuilder& builder) {
  ClusterState& state = builder.state();
  for (const std::string& repo : state.stale_receipts) {
    const auto retry = state.retries.find(target_of_receipt(repo));
    if (retry == state.retries.end()) continue;
    return report_event(builder, EventType::kWarning, kNotWithdrawn,
                        say::receipt_not_withdrawn(repo, retry->second.error));
  }
  if (state.stale_receipts.empty()) clear_event(state, kNotWithdrawn);
}

// Whom the operation does not wait for.
void tell_obstacle(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (!is_receipt_awaited(state) || !is_receipt_needed(state)) return;
  // Nobody led when it began, as another cluster does: there was no primary to end cleanly.
  if (name_of(state.operation) == kDemotionName && state.startup_instance.empty()) return;
  const Message obstacle = obstacle_to_receipt(state);
  if (obstacle.empty()) return;
  report_event(builder, EventType::kWarning, kReceiptFailed,
               say::receipt_impossible(obstacle, say::receipt_remedy()));
}

}  // namespace

void decide_stale_receipts(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (is_kept_from_writing(state)) {
    note_debts(state);
    tell_obstacle(builder);
    // All that it has said is known, or there will be nothing more to know.
    if (is_receipt_complete(state) || !is_receipt_awaited(state) ||
        !obstacle_to_receipt(state).empty())
      remove_receipt_job(builder, kStaleReceipts);
    return;
  }
  void_receipt(builder);
  remove_receipt_job(builder, kStaleReceipts);
  forget_lost_stores(state);
  tell_failures(builder);
  const PodObserved* pod = primary(state);
  if (pod == nullptr || may_be_written(state)) return;
  for (const std::string& repo : state.stale_receipts) withdraw(builder, *pod, repo);
}

}  // namespace annals::fsm
