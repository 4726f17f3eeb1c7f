// Which collations have another version than the database has recorded, as people are told.
#pragma once

#include <vector>

#include "fsm/model/state.h"

namespace annals::fsm {

// While so is looked again now and then; nothing else tells that it has been mended.
bool is_any_collation_different(const ClusterState& state);

bool has_indexes_to_rebuild(const ClusterState& state);

// With the remedy; empty where nothing differs, or nobody has looked.
std::vector<Message> collation_mismatch(const ClusterState& state);

}  // namespace annals::fsm
