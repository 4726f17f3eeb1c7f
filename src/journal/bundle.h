// Bundle: one compressed file with a part of a journal and all that is needed to replay it: the
// records of some clusters (or all) in a range, the snapshots that replay starts from, the contents
// that the records name. For a bug report, an audit, a test. It holds no secrets because the
// journal holds none. The same part of the same journal gives the same bytes. Format:
// docs/journal-format.md. Both functions block.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "journal/reader.h"

namespace annals::journal {

struct BundleSelection {
  // Empty for all. The operator's own stream always comes along: replay needs its records.
  std::vector<ClusterUid> clusters;
  // Both ends included. Records before `from` are added back to the snapshot that replay starts at.
  std::optional<Timestamp> from;
  std::optional<Timestamp> to;
};

struct BundleReport {
  std::uint64_t records = 0;
  std::uint64_t snapshots = 0;
  std::uint64_t blobs = 0;

  friend bool operator==(const BundleReport&, const BundleReport&) = default;
};

// Writes the file; it does not exist yet, and is removed again on failure.
Result<BundleReport> export_bundle(const Reader& reader, const BundleSelection& selection,
                                   const std::string& file);

// Makes a directory from the file that Reader::open reads like any journal: with gaps, where the
// bundle had no records, and never for appending. `directory` does not exist yet. kCorrupt when a
// single byte of the file is not as it was written.
Result<BundleReport> import_bundle(const std::string& file, const std::string& directory);

}  // namespace annals::journal
