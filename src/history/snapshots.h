// Which snapshot a replay may start from. A snapshot of another format cannot be read, one of
// another behaviour is not what this program would have come to: both are passed over while the
// records before them are still there. Where retention has taken those, a readable one must do.
#pragma once

#include <optional>

#include "base/result.h"
#include "fsm/codec/state_codec.h"
#include "journal/batch.h"
#include "journal/reader.h"

namespace annals::history {

// Records of a cluster between two of its snapshots: what a start has to fold at most.
constexpr int kRecordsPerSnapshot = 1000;
// Of one to which nothing happens: among many clusters nearly all are such, and decide how long a
// start takes.
constexpr int kRecordsOfEvicted = 100;

struct Start {
  Sequence after;  // the state is that after this record
  int behaviour = 0;
  fsm::ClusterState state;
};

// The state after the record `seq` of its cluster, ready to be appended.
journal::Snapshot snapshot_of(const fsm::ClusterState& state, Sequence seq);

// The best start for a fold to `to`: the newest snapshot that serves, or none for the beginning.
// kInvalid when the beginning is gone and no snapshot can be read.
Result<std::optional<Start>> newest_start(const journal::Reader& reader, const ClusterUid& cluster,
                                          Sequence to);

// The earliest start from which everything after it is still there; none for the beginning.
Result<std::optional<Start>> earliest_start(const journal::Reader& reader,
                                            const ClusterUid& cluster);

}  // namespace annals::history
