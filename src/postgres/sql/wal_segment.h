// Names of WAL segments as PostgreSQL makes them. Pure. Thread-safe: no state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace annals::postgres {

// The segment with the last byte before `end` ("0/7000148", as pg_lsn is written): what ends
// exactly at a segment's boundary is in the one before it. kInvalid where `end` is no such
// position, or nothing is before it, or the size is no power of two.
Result<std::string> wal_segment_before(std::string_view end, std::int64_t timeline,
                                       std::uint64_t segment_bytes);

}  // namespace annals::postgres
