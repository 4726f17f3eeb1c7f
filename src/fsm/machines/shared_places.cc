#include "fsm/machines/shared_places.h"

#include <utility>
#include <vector>

#include "fsm/step/events.h"
#include "fsm/step/place_conditions.h"
#include "fsm/text/say.h"

namespace annals::fsm {
namespace {

void tell_of_places(StepBuilder& builder, const char* reason, std::vector<Message> about) {
  if (about.empty()) return clear_event(builder.state(), reason);
  report_event(builder, EventType::kWarning, reason, say::all_of(std::move(about)));
}

}  // namespace

void decide_shared_places(StepBuilder& builder) {
  tell_of_places(builder, kPlaceTaken, places_taken(builder.state()));
  tell_of_places(builder, kPlaceShared, places_shared(builder.state()));
}

}  // namespace annals::fsm
