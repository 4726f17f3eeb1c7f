// Wait: what has to come before a machine goes on.
#pragma once

#include "fsm/text/message.h"

namespace annals::fsm {

// A question about the state, the answer, and what a person can do about it.
struct Wait {
  bool satisfied = false;
  Message waits_for{};
  Message remedy{};  // none: it comes by itself
};

}  // namespace annals::fsm
