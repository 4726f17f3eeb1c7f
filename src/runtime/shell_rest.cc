// The shell's clusters between events: who is awake, who rests, and what stands in snapshots.
#include <iterator>
#include <utility>

#include "base/assert.h"
#include "runtime/shell.h"

namespace annals::runtime {

void Shell::take_snapshot(Cluster& known) {
  if (known.held || known.tail.last == Sequence() || !parts_.may_write()) return;
  journal::Batch batch;
  batch.snapshots.push_back(known.state.snapshot(known.tail.last));
  known.tail = {};
  const ClusterUid uid = batch.snapshots.front().cluster;
  append(uid, std::move(batch), [](const auto&) {});
}

void Shell::take_snapshots(std::function<void()> durable) {
  for (auto& [uid, known] : clusters_) take_snapshot(known);
  // They become durable in order, so an empty one at the end tells.
  const Result<void> taken =
      parts_.journal.append({}, [durable = std::move(durable)](const auto&) { durable(); });
  ANNALS_ASSERT(taken.has_value(), "a batch without content is refused");
}

// Something happens to it: it is awake, and the last to rest.
void Shell::touch(Cluster& known) {
  known.touched = parts_.clock.steady();
  if (known.place) {
    awake_.splice(awake_.end(), awake_, *known.place);
  } else {
    known.place = awake_.insert(awake_.end(), &known);
  }
  // Those at work are looked at again when all others have been.
  constexpr int kLooksMax = 16;
  for (int looks = 0; looks < kLooksMax && awake_.size() > parts_.awake_max; ++looks) {
    const auto oldest = awake_.begin();
    if (oldest == *known.place) return;
    if (may_rest(**oldest)) {
      rest(oldest);
    } else {
      awake_.splice(std::prev(awake_.end()), awake_, oldest);
    }
  }
}

bool Shell::may_rest(const Cluster& known) {
  return known.held || (known.on_the_way == 0 && !known.state.is_at_work());
}

std::list<Shell::Cluster*>::iterator Shell::rest(std::list<Cluster*>::iterator place) {
  Cluster& known = **place;
  if (known.tail.records >= parts_.records_of_resting) take_snapshot(known);
  known.state.rest();
  known.place.reset();
  return awake_.erase(place);
}

std::size_t Shell::let_rest(Duration quiet) {
  constexpr std::size_t kRestsMax = 25;
  const Duration now = parts_.clock.steady();
  std::size_t rested = 0;
  for (auto at = awake_.begin(); at != awake_.end() && rested < kRestsMax;) {
    if (now - (*at)->touched >= quiet && may_rest(**at)) {
      at = rest(at);
      rested += 1;
    } else {
      ++at;
    }
  }
  return rested;
}

void Shell::each(const std::function<void(const fsm::ClusterState&)>& visit) const {
  for (const auto& [uid, cluster] : clusters_) cluster.state.look(visit);
}

void Shell::summaries(const std::function<void(const Summary&)>& visit) const {
  for (const auto& [uid, cluster] : clusters_) visit(cluster.state.summary());
}

}  // namespace annals::runtime
