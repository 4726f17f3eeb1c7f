// Recovery: every cluster from its records, on all processors: one cluster's history knows nothing
// of another's (I12), so each is folded by itself. They are handed on in one thread, in order, and
// only a few are there in full at a time.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "history/history.h"

namespace annals::history {

// As far as a state is known; none has no record up to there, or is not known any more.
struct Folded {
  std::optional<fsm::ClusterState> state;
  Tail tail;
};

// Whether anybody else holds what is folded against its digests.
enum class Trust : std::uint8_t { kNothing, kCheckedBesides };

// Takes in what stands in the cluster's stream after `after`.
Result<Tail> fold_tail(const journal::Reader& reader, fsm::ClusterState& state, Sequence after,
                       Sequence to, Trust trust = Trust::kNothing);

class Recovery {
 public:
  Recovery(const journal::Reader& reader, Sequence to, std::vector<ClusterUid> clusters);

  // Once. Whatever it gives, nothing of it goes on afterwards.
  Result<void> run(const VisitRecovered& visit);

 private:
  struct Range {
    Sequence from;
    Sequence to;
  };
  using Lock = std::unique_lock<std::mutex>;

  // Of each thread.
  void work();
  bool has_work() const;
  Result<void> fold(std::size_t place);
  Result<void> want_chain(const ClusterUid& cluster);
  std::optional<Folded> wait_for(std::size_t place);
  void note(const Result<void>& done);

  const journal::Reader& reader_;
  const Sequence to_;
  const std::vector<ClusterUid> clusters_;

  std::mutex mutex_;  // of all below
  std::condition_variable changed_;
  std::size_t next_ = 0;   // nobody has begun with this one
  std::size_t taken_ = 0;  // all before it have been handed on
  std::map<std::size_t, Folded> folded_;
  Sequence checked_from_;      // the chain is checked from here on, or about to be
  std::vector<Range> ranges_;  // parts of it that nobody has begun with
  std::optional<Error> error_;
};

}  // namespace annals::history
