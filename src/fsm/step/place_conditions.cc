#include "fsm/step/place_conditions.h"

#include "fsm/text/say.h"
#include "fsm/view/place_rivals.h"
#include "fsm/view/rendering.h"
#include "fsm/view/standby.h"

namespace annals::fsm {

std::vector<Message> places_taken(ClusterState& state) {
  std::vector<Message> taken;
  if (state.rivals.empty() || follows_another(state)) return taken;
  for (const RepositoryPlace& place : rendered(state).places) {
    if (const PlaceRival* holder = holder_of(state, place))
      taken.push_back(say::place_taken(place.repo, place.text, holder->cluster, holder->repo));
  }
  return taken;
}

std::vector<Message> places_shared(ClusterState& state) {
  std::vector<Message> shared;
  if (state.rivals.empty()) return shared;
  for (const RepositoryPlace& place : rendered(state).places) {
    if (const PlaceRival* other = fellow_writer(state, place))
      shared.push_back(say::place_shared(place.repo, place.text, other->cluster, other->repo));
  }
  return shared;
}

}  // namespace annals::fsm
