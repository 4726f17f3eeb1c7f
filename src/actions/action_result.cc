#include "actions/action_result.h"

#include <utility>

#include "k8s/text/json.h"
#include "lens/object.h"

namespace annals::actions {

Answer<ActionResult> result_of(const std::string& object) {
  k8s::JsonReader reader;
  Result<fsm::ObjectObserved> seen = lens::read_answer(reader, object);
  if (!seen)
    return k8s::refuse(k8s::Trouble::kUnknownOutcome, "unreadable answer: ", seen.error().detail);
  return ActionResult{.uid = std::move(seen->uid),
                      .version = seen->version,
                      .digest = std::move(seen->digest),
                      .fields = std::move(seen->fields)};
}

Answer<ActionResult> to_action_error(const Error& error) {
  const bool unknown = error.code == Errc::kTimeout;
  return k8s::refuse(unknown ? k8s::Trouble::kUnknownOutcome : k8s::Trouble::kNotSent,
                     to_string(error));
}

}  // namespace annals::actions
