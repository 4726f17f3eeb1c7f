// RetentionKeeper: lets the journal's old records go, from time to time, on a thread of its own,
// because it blocks on the disk. One run at a time.
#pragma once

#include <atomic>
#include <thread>

#include "base/log.h"
#include "journal/journal.h"
#include "journal/retention.h"

namespace annals::runtime {

class RetentionKeeper {
 public:
  // The journal outlives the keeper.
  RetentionKeeper(journal::Journal& journal, const Clock& clock, Log log);
  RetentionKeeper(const RetentionKeeper&) = delete;
  RetentionKeeper& operator=(const RetentionKeeper&) = delete;
  // Waits for a run that has begun.
  ~RetentionKeeper() = default;

  // Begins a run, unless one is under way. What it may let go is what snapshots cover.
  void run();

 private:
  void apply();

  journal::Journal& journal_;
  const Clock& clock_;
  Log log_;
  std::atomic<bool> busy_ = false;
  std::jthread thread_;  // last: it uses all the others
};

}  // namespace annals::runtime
