// Retention: what has been kept long enough goes, and the rest still verifies.
// Two limits. Payloads of facts expire first: the record stays in the chain with its header and
// the payload's digest. Much later whole records are cut from the beginning; the hash of the last
// one that went stays. Nothing goes that replay needs: every cluster keeps the snapshot that its
// remaining facts start from, so a cluster without snapshots holds back what it has.
// What retention does is itself a record, appended before the first byte goes.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "journal/reader.h"

namespace annals::journal {

class Journal;

struct RetentionPolicy {
  Duration facts_for = std::chrono::days(30);
  std::uint64_t records_bytes = 1U << 30U;  // on disk, approximately; older facts go above it
  Duration records_for = std::chrono::days(400);
};

struct RetentionReport {
  std::uint64_t expired = 0;          // payloads of facts
  std::uint64_t cut = 0;              // whole records
  std::uint64_t snapshots = 0;        // superseded ones
  std::uint64_t blobs = 0;            // that no record names any more
  std::optional<ClusterUid> held_by;  // the cluster whose lack of a snapshot stopped the cut
};

// Applies the policy as of `now`. Blocks; appends go on meanwhile.
Result<RetentionReport> apply_retention(Journal& journal, const RetentionPolicy& policy,
                                        Timestamp now);

// kCorrupt unless the record that the mark names says the same.
Result<void> check_retention_mark(const Reader& reader, const RetentionMark& mark);

}  // namespace annals::journal
