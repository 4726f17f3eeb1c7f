// Selection: which records a command looks at: clusters, a range of time or sequence, kinds, types.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "journal/reader.h"
#include "journal/record.h"

namespace annals::replay {

// A place in history: a record, or a time. Exactly one is set.
struct Point {
  std::optional<Sequence> seq;
  std::optional<Timestamp> time;

  // Whether the record stands at or before this point.
  bool reaches(Sequence record, Timestamp at) const { return seq ? record <= *seq : at <= *time; }
  // Whether the record stands before this point.
  bool is_after(Sequence record, Timestamp at) const { return seq ? record < *seq : at < *time; }
};

// "1234", or RFC 3339: "2026-01-31", "2026-01-31T08:05", "2026-01-31T08:05:00.25Z", always UTC.
// kInvalid names the option, the value and the remedy.
Result<Point> parse_point(std::string_view option, std::string_view text);

struct Selection {
  std::set<ClusterUid> clusters;  // empty: all
  std::optional<Point> from;
  std::optional<Point> to;
  std::set<journal::Kind> kinds;  // empty: all
  std::set<std::string> types;    // empty: all

  bool takes(const ClusterUid& cluster) const {
    return clusters.empty() || clusters.contains(cluster);
  }
  bool takes(const journal::Record& record) const;
  // No later record is in the range either.
  bool is_over(const journal::Record& record) const {
    return to && !to->reaches(record.seq, record.time);
  }
};

// "fact", "decision", ...: kInvalid with all that there are.
Result<journal::Kind> parse_kind(std::string_view text);

// The last record at or before the point; 0 when there is none. Looks at few records.
Result<Sequence> last_at(const journal::Reader& reader, const Point& point);

// Visits what is selected, in order; false stops.
Result<void> scan(const journal::Reader& reader, const Selection& selection,
                  const journal::Visit& visit);

}  // namespace annals::replay
