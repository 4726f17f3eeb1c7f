#include "actions/written.h"

namespace annals::actions {

Answer<Written> not_done(const Error& error) {
  const bool unknown = error.code == Errc::kTimeout;
  return k8s::refuse(unknown ? k8s::Trouble::kUnknownOutcome : k8s::Trouble::kNotSent,
                     to_string(error));
}

}  // namespace annals::actions
