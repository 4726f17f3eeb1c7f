// States: what the machines knew of a cluster at a point in its history, how that differs between
// two points, and what each cluster waits for.
#pragma once

#include <optional>
#include <string>

#include "names.h"
#include "selection.h"
#include "terminal.h"

namespace annals::replay {

struct StateRequest {
  std::string cluster;      // name or UID; empty when the journal knows only one
  std::optional<Point> at;  // none: as of the last record
};

Result<void> print_state(const journal::Reader& reader, const Names& names,
                         const StateRequest& request, const Out& out);

// SHA-256 of the state, for comparing programs.
Result<void> print_hash(const journal::Reader& reader, const Names& names,
                        const StateRequest& request, const Out& out);

// Each value that differs, by its path. True when one does.
Result<bool> print_diff(const journal::Reader& reader, const Names& names,
                        const std::string& cluster, const std::optional<Point>& from,
                        const std::optional<Point>& to, const Out& out);

// What every selected cluster waits for, since when, until when, and what unblocks it; and the
// writes that failed and will be tried again.
Result<void> print_blockers(const journal::Reader& reader, const Names& names,
                            const Selection& selection, const Out& out);

// The newest cluster of that name; with an empty name the only one there is.
Result<ClusterUid> one_cluster(const Names& names, const std::string& text);

}  // namespace annals::replay
