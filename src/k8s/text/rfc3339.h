// RFC 3339 times, as Kubernetes writes them. Pure.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace annals::k8s {

// "2026-01-31T08:05:00Z", "2026-01-31T08:05:00.123456+02:00". What is finer than a microsecond is
// cut. kInvalid for everything else.
Result<Timestamp> parse_rfc3339(std::string_view text);

}  // namespace annals::k8s
