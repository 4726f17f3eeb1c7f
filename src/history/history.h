// Between the journal's bytes and the machines' values: reading a stream as events, and folding it
// to states.
#pragma once

#include <map>

#include "base/result.h"
#include "fsm/codec.h"
#include "fsm/machine.h"
#include "journal/reader.h"

namespace annals::history {

journal::Kind journal_kind(fsm::RecordKind kind);

// Whether the machines take this record in; decisions and intents are what they put out.
bool is_input(const journal::Record& record);

Result<fsm::Event> event_of(const journal::Record& record);

// Every cluster as its stream leaves it. What the machines decide on the way was decided before,
// and is not done again.
Result<std::map<ClusterUid, fsm::ClusterState>> fold_all(const journal::Reader& reader);

}  // namespace annals::history
