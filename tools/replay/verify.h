// verify: runs every cluster's history through this binary's machines and compares what they decide
// with what was decided then, byte for byte. A difference under the behaviour that this binary has
// too is a bug; one under another behaviour is a change of the rules, and told apart.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "names.h"
#include "selection.h"
#include "terminal.h"

namespace annals::replay {

struct Difference {
  Sequence cause;  // the input that was decided upon
  ClusterUid cluster;
  std::string recorded;  // empty: nothing stands there
  std::string computed;  // empty: nothing is decided here
  int behaviour = 0;     // of the operator that recorded; 0 when it did not say
};

// The first of many, and how many there are.
struct Differences {
  static constexpr std::size_t kKept = 100;

  void add(Difference difference) {
    count += 1;
    if (first.size() < kKept) first.push_back(std::move(difference));
  }

  std::uint64_t count = 0;
  std::vector<Difference> first;
};

struct Verdict {
  std::uint64_t records = 0;
  std::uint64_t inputs = 0;
  std::uint64_t outputs = 0;  // decisions and intents that were recomputed identically
  // Inputs whose decisions were not durable when the process ended: nothing was done about them
  // then, and the next process has looked at the world again.
  std::uint64_t cut_off = 0;
  std::uint64_t not_replayed = 0;         // records from before the oldest state that is kept
  std::uint64_t snapshots = 0;            // that equal what the records before them lead to
  std::vector<std::string> not_readable;  // clusters that only another version can replay, and why
  Differences differences;                // decided differently under the same behaviour
  Differences changed;                    // decided by another behaviour
  std::map<ClusterUid, std::string> states;  // SHA-256 of each cluster's last state
  std::string decisions;                     // SHA-256 over all that was computed, in order
};

// Everything is checked and computed; what is told is what the selection takes.
Result<Verdict> verify(const journal::Reader& reader, const Selection& selection);

void print(const Verdict& verdict, const Names& names, bool with_hashes, const Out& out);

}  // namespace annals::replay
