#include "history/recovery.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "history/snapshots.h"

namespace annals::history {
namespace {

// More do not help: RocksDB's cache is small, and the journal's own disk is one.
constexpr unsigned kThreadsMax = 4;
// A state is large until whoever takes it has packed it.
constexpr std::size_t kAheadMax = 8;

unsigned threads() { return std::clamp(std::thread::hardware_concurrency(), 1U, kThreadsMax); }

}  // namespace

Recovery::Recovery(const journal::Reader& reader, Sequence to, std::vector<ClusterUid> clusters)
    : reader_(reader), to_(to), clusters_(std::move(clusters)), checked_from_(to) {}

Result<void> Recovery::run(const VisitRecovered& visit) {
  {
    std::vector<std::jthread> workers;
    for (unsigned i = 0; i < threads(); ++i) workers.emplace_back([this] { work(); });
    for (std::size_t place = 0; place < clusters_.size(); ++place) {
      std::optional<Folded> folded = wait_for(place);
      if (!folded) break;
      if (folded->state) visit(*std::move(folded->state), folded->tail);
    }
  }
  if (error_) return fail(*std::move(error_));
  return {};
}

bool Recovery::has_work() const {
  const bool may_fold = next_ < std::min(clusters_.size(), taken_ + kAheadMax);
  return error_ || !ranges_.empty() || may_fold || next_ == clusters_.size();
}

void Recovery::work() {
  for (Lock lock(mutex_);;) {
    changed_.wait(lock, [this] { return has_work(); });
    if (error_) return;
    if (!ranges_.empty()) {
      const Range range = ranges_.back();
      ranges_.pop_back();
      lock.unlock();
      note(reader_.check(range.from, range.to));
    } else if (next_ < clusters_.size()) {
      const std::size_t place = next_++;
      lock.unlock();
      note(fold(place));
    } else {
      return;
    }
    lock.lock();
  }
}

void Recovery::note(const Result<void>& done) {
  if (done) return;
  const Lock lock(mutex_);
  if (!error_) error_ = done.error();
  changed_.notify_all();
}

Result<void> Recovery::fold(std::size_t place) {
  const ClusterUid& cluster = clusters_[place];
  Folded made;
  Result<std::optional<Start>> start = newest_start(reader_, cluster, to_);
  const bool is_known = start || start.error().code != Errc::kNotFound;
  if (is_known) {
    if (!start) return fail(std::move(start).error());
    if (!*start) {
      const Result<void> wanted = want_chain(cluster);
      if (!wanted) return wanted;
    }
    fsm::ClusterState state = *start ? std::move((*start)->state) : fsm::initial_state(cluster);
    // Of all that begins at its beginning the chain is checked.
    const Result<Tail> tail =
        *start ? fold_tail(reader_, state, (*start)->after, to_)
               : fold_tail(reader_, state, Sequence(), to_, Trust::kCheckedBesides);
    if (!tail) return fail(tail.error());
    made.tail = *tail;
    // The first record of another one comes later.
    if (state.now != Timestamp{}) made.state = std::move(state);
  }
  const Lock lock(mutex_);
  folded_.emplace(place, std::move(made));
  changed_.notify_all();
  return {};
}

// Whoever goes through all of a cluster's history notices where any was altered: the chain is
// checked from the cluster's first record on.
Result<void> Recovery::want_chain(const ClusterUid& cluster) {
  Sequence first = to_;
  const auto note_first = [&first](const journal::Record& record) {
    first = record.seq;
    return false;
  };
  Result<void> scanned = reader_.scan(cluster, Sequence(1), to_, note_first);
  const Lock lock(mutex_);
  if (!scanned || first >= checked_from_) return scanned;
  ranges_.push_back({.from = first, .to = std::exchange(checked_from_, first)});
  changed_.notify_all();
  return {};
}

// None when something has gone wrong.
std::optional<Folded> Recovery::wait_for(std::size_t place) {
  Lock lock(mutex_);
  changed_.wait(lock, [&] { return error_ || folded_.contains(place); });
  if (error_) return std::nullopt;
  Folded folded = std::move(folded_.extract(place).mapped());
  taken_ = place + 1;
  changed_.notify_all();
  return folded;
}

}  // namespace annals::history
