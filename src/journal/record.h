// Record: one line of history, and its bytes on disk (docs/journal-format.md).
// Its hash covers its header and the hash of the record before it; the header holds the payload's
// digest. So a payload may be dropped when its time is over and the chain still verifies.
// Values and pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"

namespace annals::journal {

// The numbers stand on disk: never renamed, never reused.
enum class Kind : std::uint8_t {
  kFact = 1,      // what was observed
  kDecision = 2,  // what the machine concluded
  kIntent = 3,    // what is owed to the world
  kOutcome = 4,   // what came of an intent
  kTimer = 5,     // a time that was reached
  kCommand = 6,   // what a person asked for
  kMarker = 7,    // the journal's and the runtime's own notes
};

std::string_view to_string(Kind kind);

constexpr std::size_t kMaxPayload = 4U << 20U;  // bytes
constexpr std::size_t kMaxType = 128;
constexpr std::size_t kMaxCluster = 128;
constexpr std::size_t kMaxBlobsOfRecord = 255;

struct Record {
  Sequence seq;
  Timestamp time;
  Epoch epoch;
  ClusterUid cluster;
  Kind kind = Kind::kFact;
  std::string type;
  Sequence cause;             // the record that this one directly follows from; 0 for none
  std::vector<Digest> blobs;  // contents that this record speaks of
  std::string payload;        // empty once expired
  bool expired = false;       // retention has dropped the payload
  Digest payload_digest;
  Digest hash;

  friend bool operator==(const Record&, const Record&) = default;
};

// The hash that stands before the first record; binds the chain to this journal alone.
Digest genesis(std::string_view journal_id);

// Fills in the record's payload_digest and hash and gives its bytes. `previous` is the hash of the
// record before it. The record is within the limits above.
std::string encode(Record& record, const Digest& previous);

// The bytes of the same record without its payload.
std::string encode_expired(std::string_view frame);

// A record as it lies in its bytes, of which these are views: nothing is copied.
struct Frame {
  std::string_view header;  // what the hash covers
  Kind kind = Kind::kFact;
  Sequence seq;
  Timestamp time;
  Epoch epoch;
  Sequence cause;
  std::string_view cluster;
  std::string_view type;
  std::string_view blobs;  // their digests, one behind the other
  bool expired = false;
  std::string_view payload;
  std::string_view payload_digest;
  std::string_view hash;

  // The payload is the one that the header speaks of, or has expired.
  bool is_whole() const;
  // The hash that this record must carry when it follows `previous`.
  Digest link(const Digest& previous) const;
  Record record() const;
};

// Checks the form alone.
Result<Frame> frame_of(std::string_view bytes);

struct Decoded {
  Record record;
  std::string_view header;  // what the hash covers, within the bytes that were decoded

  // The hash that this record must carry when it follows `previous`.
  Digest link(const Digest& previous) const;
};

// Checks the form and the payload against its digest; link() is for whoever knows the record
// before.
Result<Decoded> decode(std::string_view frame);

}  // namespace annals::journal
