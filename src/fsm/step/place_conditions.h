// Repositories of two clusters at one place: a sentence for each.
#pragma once

#include <vector>

#include "fsm/model/state.h"

namespace annals::fsm {

// Reasons of the condition, and of Events.
inline constexpr const char* kPlaceTaken = "PlaceTaken";
inline constexpr const char* kPlaceShared = "PlaceShared";

// Where another cluster is, so that this one writes nothing.
std::vector<Message> places_taken(ClusterState& state);
// Where both write.
std::vector<Message> places_shared(ClusterState& state);

}  // namespace annals::fsm
