// Between the journal's bytes and the machines' values: reading a stream as events, and folding it
// to states. A fold starts at a snapshot where there is one that this program would have made the
// same way, and at the beginning where there is none; the state is the same (I6).
#pragma once

#include <functional>
#include <map>

#include "base/result.h"
#include "fsm/codec/codec.h"
#include "fsm/machine.h"
#include "journal/reader.h"

namespace annals::history {

constexpr Sequence kNewest(~std::uint64_t{0});

journal::Kind journal_kind(fsm::RecordKind kind);

// Whether the machines take this record in; decisions and intents are what they put out.
bool is_input(const journal::Record& record);

// kCorrupt for an input that the machines cannot read, also for one whose payload has expired.
Result<fsm::Event> event_of(const journal::Record& record);

// One cluster after its last record at or before `to`. kNotFound when it has none.
Result<fsm::ClusterState> fold(const journal::Reader& reader, const ClusterUid& cluster,
                               Sequence to = kNewest);

// Every cluster as its stream leaves it. What the machines decide on the way was decided before,
// and is not done again.
Result<std::map<ClusterUid, fsm::ClusterState>> fold_all(const journal::Reader& reader,
                                                         Sequence to = kNewest);

// What stands behind a cluster's newest snapshot that serves: what the next fold has to go through.
struct Tail {
  Sequence last;  // the last input; 0 for none
  int records = 0;
};

// Everything that a process goes on from, one cluster after the other, so that they are never all
// there in full at once.
using VisitRecovered = std::function<void(fsm::ClusterState, const Tail&)>;
Result<void> recover(const journal::Reader& reader, const VisitRecovered& visit);

// The same at once.
struct Recovered {
  std::map<ClusterUid, fsm::ClusterState> states;
  std::map<ClusterUid, Tail> tails;
};
Result<Recovered> recover(const journal::Reader& reader);

}  // namespace annals::history
