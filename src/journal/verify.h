// Verification: is this journal, every byte that counts, what was written?
// Checks RocksDB's files against their checksums, then every record against the one before it, then
// what stands beside the records: streams, blobs, snapshots, and that payloads are missing only
// where retention says so. Reads everything: seconds for a gigabyte.
#pragma once

#include <cstdint>
#include <optional>

#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "journal/reader.h"

namespace annals::journal {

struct Verified {
  std::uint64_t records = 0;
  std::uint64_t expired = 0;  // of them, without payload
  std::uint64_t blobs = 0;
  std::uint64_t snapshots = 0;
  std::optional<Sequence> first;
  std::optional<Sequence> last;
  Digest hash;  // of the last record

  friend bool operator==(const Verified&, const Verified&) = default;
};

// kCorrupt names the first record and file that are not as they were. The reader was opened for
// this purpose: one that was opened long ago does not see damage that came later.
Result<Verified> verify(const Reader& reader);

}  // namespace annals::journal
