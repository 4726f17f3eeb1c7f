// How blobs and snapshots lie on disk: compressed, with their size in front. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace annals::journal {

std::string pack(std::string_view content);

// Refuses to grow beyond `max_size` bytes, whatever the packed bytes claim.
Result<std::string> unpack(std::string_view packed, std::size_t max_size);

}  // namespace annals::journal
