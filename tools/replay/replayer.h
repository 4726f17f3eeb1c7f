// Replayer: runs the clusters of a journal through this program's machines, record by record, as
// the operator did. One stream per cluster: from its first record, or from its oldest state where
// retention has taken what was before. Memory is one state per cluster, whatever the length.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "fsm/machine.h"
#include "journal/reader.h"

namespace annals::replay {

// One decision or intent as it would be recorded.
struct Output {
  std::string type;
  std::string payload;
  bool is_decision = false;
};

// What the machines made of one input.
struct Ran {
  fsm::Event event;
  std::vector<fsm::Decision> decisions;
  std::vector<fsm::Intent> intents;

  // In the order in which they are recorded: each decision before its intents.
  std::vector<Output> outputs() const;
};

class Replayer {
 public:
  struct Stream {
    fsm::ClusterState state;
    Sequence after;            // nothing up to here is replayed
    int recorded_behaviour{};  // of the operator that wrote the records from here on
    std::optional<Error> unreadable;
  };

  explicit Replayer(const journal::Reader& reader) : reader_(&reader) {}

  // None for what is no input of a cluster, and for what is before the start of its stream.
  Result<std::optional<Ran>> take(const journal::Record& record);

  // The stream of a cluster that a record was seen of.
  Result<Stream*> stream(const ClusterUid& cluster);
  const std::map<ClusterUid, Stream>& streams() const { return streams_; }

 private:
  const journal::Reader* reader_;
  std::map<ClusterUid, Stream> streams_;
};

}  // namespace annals::replay
