#include "fsm/model/state.h"

#include <algorithm>

#include "base/concat.h"
#include "fsm/text/say.h"

namespace annals::fsm {
namespace {

// The earliest time that is still to come.
class Earliest {
 public:
  explicit Earliest(Timestamp now) : now_(now) {}

  void take(Timestamp time) {
    if (time > now_) due_ = due_ ? std::min(*due_, time) : time;
  }
  std::optional<Timestamp> due() const { return due_; }

 private:
  Timestamp now_;
  std::optional<Timestamp> due_;
};

void take_counted(const Counters& counters, Earliest& earliest) {
  for (const auto& [pod, attempts] : counters.restarts_again) earliest.take(attempts.due);
  for (const auto& [pod, stalled] : counters.stalled) earliest.take(stalled.due);
  for (const auto& [pod, attempts] : counters.checkpoints) earliest.take(attempts.due);
  for (const auto& [job, told_from] : counters.jobs_without_pod) earliest.take(told_from);
}

}  // namespace

Message in_words(const SpecChanges& changes) {
  if (changes.text.empty()) return {};
  return say::spec_changed(changes.text, changes.actor);
}

std::string failures_in_words(const Retry& retry) {
  return retry.failures == 0 ? std::string() : concat("failed ", retry.failures, " times, ");
}

std::optional<Timestamp> next_due(const ClusterState& state) {
  Earliest earliest(state.now);
  for (const auto& [target, retry] : state.retries) earliest.take(retry.due);
  for (const auto& [machine, blocker] : state.blockers) earliest.take(blocker.deadline);
  take_counted(state.counters, earliest);
  if (state.backup.retry_at) earliest.take(*state.backup.retry_at);
  for (const auto& [repo, its] : state.backup.stanzas) {
    if (its.retry_at) earliest.take(*its.retry_at);
  }
  for (const auto& [repo, its] : state.gap_backups) {
    if (its.retry_at) earliest.take(*its.retry_at);
  }
  if (state.restore && state.restore->retry_at) earliest.take(*state.restore->retry_at);
  if (state.foreign_from) earliest.take(*state.foreign_from);
  if (state.requeue_at) earliest.take(*state.requeue_at);
  return earliest.due();
}

}  // namespace annals::fsm
