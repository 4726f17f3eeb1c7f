// What stands beside the records: blobs, snapshots, gaps and the mark of retention.
#include <rocksdb/db.h>

#include <utility>

#include "journal/bytes.h"
#include "journal/content.h"
#include "journal/layout.h"
#include "journal/reader.h"
#include "journal/status.h"
#include "journal/store.h"

namespace annals::journal {
namespace {

// Binds the content to its place: a snapshot under another key is not a snapshot of that.
Digest snapshot_digest(const ClusterUid& cluster, Sequence seq, std::string_view content) {
  return sha256(concat(stream_key(cluster, seq), content));
}

Result<Snapshot> decode_snapshot(StreamPlace place, std::string_view bytes) {
  Decoder in(bytes);
  const Digest digest = in.digest();
  Result<std::string> content = unpack(in.rest(), kMaxSnapshot);
  if (!content) return fail(std::move(content).error());
  if (snapshot_digest(place.cluster, place.seq, *content) != digest) {
    return fail(Errc::kCorrupt, "content does not match its digest");
  }
  return Snapshot{std::move(place.cluster), place.seq, std::move(*content)};
}

}  // namespace

std::string encode(const Gap& gap) {
  return Encoder().u64(gap.last_missing.value()).digest(gap.hash).take();
}

std::string encode(const RetentionMark& mark) {
  return Encoder()
      .u64(mark.expired_before.value())
      .u64(mark.kept_from.value())
      .u64(mark.marker.value())
      .take();
}

std::string encode(const Snapshot& snapshot) {
  return Encoder()
      .digest(snapshot_digest(snapshot.cluster, snapshot.seq, snapshot.content))
      .raw(pack(snapshot.content))
      .take();
}

Result<std::string> Reader::blob(const Digest& digest) const {
  const std::string what = concat("blob ", digest);
  Result<std::string> packed = store_->get(Family::kBlobs, digest.view(), what);
  if (!packed) return packed;
  Result<std::string> content = unpack(*packed, kMaxBlob);
  if (content && sha256(*content) != digest) {
    content = fail(Errc::kCorrupt, "content does not match its digest");
  }
  if (content) return content;
  const std::string file = store_->file_of(Family::kBlobs, digest.view());
  return fail(std::move(content).error().while_doing(concat(what, " in ", file)));
}

Result<std::optional<Snapshot>> Reader::snapshot(const ClusterUid& cluster,
                                                 Sequence at_most) const {
  const std::unique_ptr<rocksdb::Iterator> found(
      store_->db().NewIterator({}, store_->family(Family::kSnapshots)));
  found->SeekForPrev(stream_key(cluster, at_most));
  if (!found->status().ok()) return fail(to_error(found->status(), store_->directory()));
  if (!found->Valid()) return std::nullopt;
  std::optional<StreamPlace> place = stream_place_of(found->key().ToStringView());
  if (!place) return fail(Errc::kCorrupt, store_->directory(), ": a malformed key of a snapshot");
  if (place->cluster != cluster) return std::nullopt;
  const Sequence seq = place->seq;
  Result<Snapshot> snapshot = decode_snapshot(std::move(*place), found->value().ToStringView());
  if (snapshot) return std::move(*snapshot);
  const std::string file = store_->file_of(Family::kSnapshots, found->key().ToStringView());
  return fail(std::move(snapshot).error().while_doing(
      concat("snapshot of ", cluster, " at ", seq, " in ", file)));
}

Result<std::vector<Sequence>> Reader::snapshots(const ClusterUid& cluster) const {
  std::vector<Sequence> found;
  const std::unique_ptr<rocksdb::Iterator> keys(
      store_->db().NewIterator({}, store_->family(Family::kSnapshots)));
  for (keys->Seek(stream_key(cluster, Sequence())); keys->Valid(); keys->Next()) {
    const std::optional<StreamPlace> place = stream_place_of(keys->key().ToStringView());
    if (!place || place->cluster != cluster) break;
    found.push_back(place->seq);
  }
  if (!keys->status().ok()) return fail(to_error(keys->status(), store_->directory()));
  return found;
}

Result<std::optional<Gap>> Reader::gap_before(Sequence seq) const {
  Result<std::string> bytes = store_->get(Family::kMeta, gap_key(seq), "a gap");
  if (!bytes) {
    if (bytes.error().code == Errc::kNotFound) return std::nullopt;
    return fail(std::move(bytes).error());
  }
  Decoder in(*bytes);
  Gap gap;
  gap.last_missing = Sequence(in.u64());
  gap.hash = in.digest();
  if (!in.done() || gap.last_missing.next() != seq) {
    return fail(Errc::kCorrupt, "the gap before record ", seq, " in ", store_->directory(),
                " is malformed");
  }
  return gap;
}

Result<RetentionMark> Reader::retention() const {
  Result<std::string> bytes = store_->get(Family::kMeta, kRetentionKey, "the retention mark");
  if (!bytes) {
    if (bytes.error().code == Errc::kNotFound) return RetentionMark{};
    return fail(std::move(bytes).error());
  }
  Decoder in(*bytes);
  RetentionMark mark;
  mark.expired_before = Sequence(in.u64());
  mark.kept_from = Sequence(in.u64());
  mark.marker = Sequence(in.u64());
  if (!in.done()) {
    return fail(Errc::kCorrupt, "the retention mark in ", store_->directory(), " is malformed");
  }
  return mark;
}

}  // namespace annals::journal
