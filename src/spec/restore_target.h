// Points in a database's history as people write them: times, and positions in the WAL.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace annals::spec {

struct PointInTime {
  Timestamp time;
  bool zone_assumed = false;  // none was given, and it was taken as UTC

  friend bool operator==(const PointInTime&, const PointInTime&) = default;
};

// "2026-01-31", "2026-01-31 08:05", "2026-01-31T08:05:00.25Z", "2026-01-31 08:05:00 +05:30", ...
// Zones are offsets, Z, UTC or GMT. Nothing for anything else: names of zones depend on a database
// of zones, and abbreviations mean several.
std::optional<PointInTime> parse_point_in_time(std::string_view text);

// "2026-01-31 08:05:00+00", with a fraction where there is one: pgBackRest refuses RFC 3339, and
// what is without an offset is read in the zone of whoever reads it.
std::string point_in_time_text(Timestamp time);

// "0/5000028". PostgreSQL's pg_lsn.
std::optional<std::uint64_t> parse_lsn(std::string_view text);
std::string lsn_text(std::uint64_t lsn);

// The name of a WAL segment: 24 hexadecimal digits.
bool is_wal_segment(std::string_view name);
// The timeline that a segment's name begins with; 0 where it is no such name.
std::int64_t timeline_of_segment(std::string_view name);

}  // namespace annals::spec
