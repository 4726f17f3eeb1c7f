// The shell's clusters between events: which are resident, which evicted, and what stands in
// snapshots.
#include <iterator>
#include <utility>

#include "base/assert.h"
#include "runtime/shell.h"

namespace annals::runtime {

void Shell::take_snapshot(Cluster& known) {
  if (known.quarantined || known.tail.last == Sequence() || !parts_.may_write()) return;
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

// Something happens to it: it is resident, and the last to be evicted.
void Shell::touch(Cluster& known) {
  known.touched = parts_.clock.steady();
  if (known.place) {
    resident_.splice(resident_.end(), resident_, *known.place);
  } else {
    known.place = resident_.insert(resident_.end(), &known);
  }
  // Those at work are looked at again when all others have been.
  constexpr int kLooksMax = 16;
  for (int looks = 0; looks < kLooksMax && resident_.size() > parts_.resident_max; ++looks) {
    const auto oldest = resident_.begin();
    if (oldest == *known.place) return;
    if (may_evict(**oldest)) {
      evict(oldest);
    } else {
      resident_.splice(std::prev(resident_.end()), resident_, oldest);
    }
  }
}

bool Shell::may_evict(const Cluster& known) {
  return known.quarantined || (known.on_the_way == 0 && !known.state.is_at_work());
}

std::list<Shell::Cluster*>::iterator Shell::evict(std::list<Cluster*>::iterator place) {
  Cluster& known = **place;
  if (known.tail.records >= parts_.records_of_evicted) take_snapshot(known);
  known.state.evict();
  known.place.reset();
  return resident_.erase(place);
}

std::size_t Shell::evict_idle(Duration quiet) {
  constexpr std::size_t kEvictionsMax = 25;
  const Duration now = parts_.clock.steady();
  std::size_t evicted = 0;
  for (auto at = resident_.begin(); at != resident_.end() && evicted < kEvictionsMax;) {
    if (now - (*at)->touched >= quiet && may_evict(**at)) {
      at = evict(at);
      evicted += 1;
    } else {
      ++at;
    }
  }
  return evicted;
}

void Shell::each(const std::function<void(const fsm::ClusterState&)>& visit) const {
  for (const auto& [uid, cluster] : clusters_) cluster.state.look(visit);
}

void Shell::summaries(const std::function<void(const Summary&)>& visit) const {
  for (const auto& [uid, cluster] : clusters_) visit(cluster.state.summary());
}

}  // namespace annals::runtime
