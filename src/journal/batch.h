// What a producer hands to the journal: entries that become records together or not at all, with
// the contents and snapshots that must be durable no later than they are. Values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "journal/record.h"

namespace annals::journal {

// The record that an entry directly follows from.
class Cause {
 public:
  // From nothing: it came from outside.
  Cause() = default;
  static Cause of(Sequence seq) { return {seq, -1}; }
  // The entry with this index in the same batch, an earlier one: an intent names its decision.
  static Cause in_batch(std::size_t index) { return {{}, static_cast<std::int64_t>(index)}; }

  bool is_in_batch() const { return index_ >= 0; }
  std::size_t index() const { return static_cast<std::size_t>(index_); }
  // The cause's sequence number when the batch's first entry gets `first`.
  Sequence resolve(Sequence first) const {
    return is_in_batch() ? Sequence(first.value() + index()) : seq_;
  }

 private:
  Cause(Sequence seq, std::int64_t index) : seq_(seq), index_(index) {}

  Sequence seq_;
  std::int64_t index_ = -1;
};

struct Entry {
  Epoch epoch;
  ClusterUid cluster;
  Kind kind = Kind::kFact;
  std::string type;
  Cause cause;
  std::vector<Digest> blobs;  // each one's content stands in the same batch
  std::string payload;
};

// The state of one cluster after the record with this sequence number.
struct Snapshot {
  ClusterUid cluster;
  Sequence seq;
  std::string content;
};

constexpr std::size_t kMaxEntries = 4096;
constexpr std::size_t kMaxBlob = 16U << 20U;      // bytes
constexpr std::size_t kMaxSnapshot = 64U << 20U;  // bytes

struct Batch {
  std::vector<Entry> entries;
  std::vector<std::string> blobs;  // stored once by their SHA-256; entries name that
  std::vector<Snapshot> snapshots;

  // Bytes of content, for limits.
  std::size_t size() const;
};

// An entry as the record that it becomes, and its bytes.
struct Framed {
  Record record;
  std::string bytes;
};
// `seq` is the record's own number, `first` that of the first entry of its batch, `previous` the
// hash of the record before it.
Framed frame(Entry entry, Sequence seq, Sequence first, Timestamp time, const Digest& previous);

// Within the limits, every cause before its effect, and no known shape of a secret anywhere.
Result<void> check(const Batch& batch);

}  // namespace annals::journal
