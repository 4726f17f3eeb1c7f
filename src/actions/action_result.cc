#include "actions/action_result.h"

namespace annals::actions {

Answer<ActionResult> to_action_error(const Error& error) {
  const bool unknown = error.code == Errc::kTimeout;
  return k8s::refuse(unknown ? k8s::Trouble::kUnknownOutcome : k8s::Trouble::kNotSent,
                     to_string(error));
}

}  // namespace annals::actions
