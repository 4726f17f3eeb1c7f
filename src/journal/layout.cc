#include "journal/layout.h"

#include "base/concat.h"
#include "journal/bytes.h"

namespace annals::journal {
namespace {

constexpr std::size_t kSequenceSize = 8;

}  // namespace

std::string sequence_key(Sequence seq) { return Encoder().u64(seq.value()).take(); }

std::optional<Sequence> sequence_of(std::string_view key) {
  Decoder in(key);
  const Sequence seq(in.u64());
  if (!in.done()) return std::nullopt;
  return seq;
}

std::string stream_key(const ClusterUid& cluster, Sequence seq) {
  return stream_of(cluster).append(sequence_key(seq));
}

std::string stream_of(const ClusterUid& cluster) {
  return Encoder().raw(cluster.value()).u8(0).take();
}

std::optional<Sequence> sequence_in(std::string_view stream, std::string_view key) {
  if (!key.starts_with(stream)) return std::nullopt;
  return sequence_of(key.substr(stream.size()));
}

std::optional<StreamPlace> stream_place_of(std::string_view key) {
  if (key.size() < kSequenceSize + 2) return std::nullopt;
  const std::size_t end = key.size() - kSequenceSize - 1;
  if (key[end] != '\0') return std::nullopt;
  return StreamPlace{ClusterUid(std::string(key.substr(0, end))),
                     *sequence_of(key.substr(end + 1))};
}

std::string gap_key(Sequence first_after) { return concat("gap ", sequence_key(first_after)); }

std::string blob_use_key(std::string_view digest) { return concat(kBlobUsePrefix, digest); }

std::string head_path(std::string_view directory) { return concat(directory, "/HEAD"); }

}  // namespace annals::journal
