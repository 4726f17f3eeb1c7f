// Actions as JSON, complete, with the word of their record as "type". For the other codecs of this
// room.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "fsm/model/intent.h"
#include "manifests/json.h"

namespace annals::fsm {

// Thrown inside of the codecs only, like the errors of the JSON library, and caught at their doors.
struct Unreadable {
  Error error;
};

manifests::Json action_to_json(const Action& action);

// Throws Unreadable, or what the JSON library throws.
Action action_from_json(const nlohmann::json& from);

}  // namespace annals::fsm
