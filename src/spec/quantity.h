// Quantities as Kubernetes writes them: "1Gi", "500m", "1e3", 2.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "spec/opaque.h"

namespace annals::spec {

// The value in thousandths, rounded up and limited to what 64 bits hold; nullopt when `text` is no
// quantity.
std::optional<std::int64_t> quantity_thousandths(std::string_view text);

// The whole value rounded up: bytes of storage, a number of CPUs.
std::optional<std::int64_t> quantity_value(std::string_view text);

// The text of a JSON value that is a string or a number; empty for anything else.
std::string quantity_text(const Opaque& value);

}  // namespace annals::spec
