// Looks at the leader of a standby: standing ones while it follows, and those of its promotion,
// which ask its source and the shared repository as well. And at a primary that is to follow
// another cluster, which ask that one.
#pragma once

#include <cstdint>
#include <string>

#include "fsm/step/step_builder.h"

namespace annals::fsm {

struct StandbyQuestion {
  const char* machine;      // that asks
  std::int64_t every = 0;   // seconds; 0: once
  std::string promotion{};  // empty: none
  // Whether the other cluster is told that this one is to lead. Never taken back by a standing
  // look.
  Claim claim = Claim::kLeave;
  bool is_silent = false;      // the source is asked as well, why nothing comes
  std::string successor{};     // host that a primary is to follow; empty: it is none
  std::int64_t port = 0;       // there
  std::uint64_t awaited{};     // position in the WAL: that it is replayed is news
  Duration between_figures{};  // for so long other numbers alone are no news
};

// Asks, unless it is being asked, or nobody can be. A look that stands ends.
void ask_standby(StepBuilder& builder, const StandbyQuestion& question, const Message& reason);

// The same, but for a look that stands and is as asked for.
void keep_looking_at_standby(StepBuilder& builder, const StandbyQuestion& question,
                             const Message& reason);

// Why there is no answer: what the last question met. Empty while one is on its way.
Message obstacle_to_standby(const ClusterState& state);

}  // namespace annals::fsm
