// Where things stand in a journal's directory: column families and keys. Pure.
// docs/journal-format.md is the reference; a change here is a new format version.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"

namespace annals::journal {

constexpr std::uint32_t kFormatVersion = 1;

// Column families of the RocksDB database, in this order.
enum class Family : std::uint8_t {
  kMeta,       // RocksDB's "default": gaps, uses of blobs, the mark of retention
  kRecords,    // sequence -> frame
  kStreams,    // cluster, sequence -> nothing
  kBlobs,      // SHA-256 -> content
  kSnapshots,  // cluster, sequence -> content
};
constexpr std::array<std::string_view, 5> kFamilyNames{"default", "records", "streams", "blobs",
                                                       "snapshots"};

// 8 bytes, big-endian.
std::string sequence_key(Sequence seq);
std::optional<Sequence> sequence_of(std::string_view key);

// The cluster's UID, a zero byte, the sequence: one cluster's keys stand together, in order.
std::string stream_key(const ClusterUid& cluster, Sequence seq);
struct StreamPlace {
  ClusterUid cluster;
  Sequence seq;
};
std::optional<StreamPlace> stream_place_of(std::string_view key);
// What the keys of a cluster's stream begin with, and where such a key leads; none for another's.
std::string stream_of(const ClusterUid& cluster);
std::optional<Sequence> sequence_in(std::string_view stream, std::string_view key);

// In kMeta: what stands before the first record that follows a gap.
std::string gap_key(Sequence first_after);
// In kMeta: the newest record that names a blob.
std::string blob_use_key(std::string_view digest);
constexpr std::string_view kBlobUsePrefix = "blob ";
// In kMeta: how far retention went.
constexpr std::string_view kRetentionKey = "retention";

std::string head_path(std::string_view directory);

}  // namespace annals::journal
