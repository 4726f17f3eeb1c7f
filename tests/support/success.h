// What becomes of an intent in a world where nothing goes wrong, for tests of the pure core.
#pragma once

#include <string>

#include "fsm/model/intent.h"

namespace annals::fsm {

// It has happened. Each target has its UID and its digest; a Job says which request it is for, and
// the Service that leads has an address.
Outcome success_of(const Intent& intent);

}  // namespace annals::fsm
