// Disk and MemoryJournal: a journal as the real one behaves, in memory and in virtual time. A batch
// is appended, later synced together with all that wait, later acknowledged. A crash between these
// loses any part of the end that was not acknowledged, and may keep some of it. What survives are
// bytes: frames of the real format, chained by their hashes, read back and checked by whoever
// recovers.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "journal/batch.h"
#include "journal/record.h"
#include "runtime/shell.h"
#include "tests/simulation/fault_state.h"
#include "tests/simulation/random.h"
#include "tests/simulation/schedule.h"

namespace annals::simulation {

// What survives the process.
class Disk {
 public:
  // Everything that is durable, decoded from its bytes, but for the first `from` records; kCorrupt
  // if the chain does not hold.
  Result<std::vector<journal::Record>> read(std::size_t from = 0) const;
  const std::vector<std::string>& frames() const { return frames_; }
  const std::set<std::string>& blobs() const { return blobs_; }
  // In the order of their writing; those of one cluster in the order of its records.
  const std::vector<journal::Snapshot>& snapshots() const { return snapshots_; }
  std::size_t acknowledged() const { return acknowledged_; }
  bool empty() const { return frames_.empty(); }
  // Another one whenever records that were durable are gone.
  std::uint64_t generation() const { return generation_; }

  std::vector<journal::Record> write(journal::Batch batch, Timestamp time);
  void acknowledge(std::size_t records) { acknowledged_ += records; }
  // The volume is lost.
  void wipe();
  // An older copy of the volume takes its place: only so much of it is there.
  void roll_back(std::size_t records);

  // Whether this intent of this cluster is durable.
  bool holds_intent(const ClusterUid& cluster, fsm::IntentId id, Epoch epoch) const {
    return intents_.contains({cluster.value(), id.value(), epoch.value()});
  }

 private:
  std::vector<std::string> frames_;
  std::vector<Digest> hashes_;  // of each frame
  std::set<std::string> blobs_;
  std::vector<journal::Snapshot> snapshots_;
  std::set<std::tuple<std::string, std::uint64_t, std::uint64_t>> intents_;
  Timestamp last_time_;
  std::size_t acknowledged_ = 0;
  std::uint64_t generation_ = 0;
};

// What the journal tells the process that it belongs to.
struct JournalHooks {
  // A place where the process may die; it has when this returns false.
  std::function<bool(const char*)> boundary;
  // Runs later, in the process, if it still lives then.
  std::function<void(Duration, std::function<void()>)> later;
  // The disk has failed.
  std::function<void(std::string)> failed;
  std::function<Timestamp()> now;
  std::function<Duration()> steady;
};

class MemoryJournal final : public runtime::JournalSink {
 public:
  MemoryJournal(Disk& disk, const FaultState& fault_state, Random random, JournalHooks hooks);

  Result<void> append(journal::Batch batch, Durable durable) override;

  // The process dies: what waits is lost, but for the first `kept` batches, which had reached the
  // disk.
  void crash(std::size_t kept);
  std::size_t waiting() const { return waiting_.size(); }
  // The next sync fails, and nothing is ever written again.
  void break_disk() { broken_ = true; }

 private:
  struct Waiting {
    journal::Batch batch;
    Durable durable;
  };

  void sync();

  Disk& disk_;
  const FaultState& fault_state_;
  Random random_;
  JournalHooks hooks_;
  std::deque<Waiting> waiting_;
  Duration told_at_{};  // the last acknowledgement
  bool syncing_ = false;
  bool broken_ = false;
};

}  // namespace annals::simulation
