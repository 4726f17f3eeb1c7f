// What a caller can do about an HTTP status that is no success.
#pragma once

#include "base/error.h"

namespace annals::http {

// 408 and 429 may work later, as all from 500 on; 410 (expired) and 428 (the other side is in
// another state than asked for) are conflicts: read again. Any other below 500 is invalid.
Errc code_of_status(unsigned status);

}  // namespace annals::http
