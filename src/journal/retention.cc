#include "journal/retention.h"

#include <rocksdb/db.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "journal/bytes.h"
#include "journal/journal.h"
#include "journal/layout.h"
#include "journal/status.h"
#include "journal/store.h"

namespace annals::journal {
namespace {

constexpr std::string_view kMarkerType = "RetentionApplied";
constexpr std::size_t kEditsAtOnce = 500;
constexpr Sequence kFirst(1);

std::string marker_payload(const RetentionMark& mark) {
  return concat(R"({"expiredBefore":)", mark.expired_before, R"(,"keptFrom":)", mark.kept_from,
                "}");
}

Edit put(Family family, std::string key, std::string value) {
  return {Edit::What::kPut, family, std::move(key), std::move(value)};
}
Edit erase(Family family, std::string key) {
  return {Edit::What::kErase, family, std::move(key), {}};
}
Edit erase_range(Family family, std::string from, std::string to) {
  return {Edit::What::kEraseRange, family, std::move(from), std::move(to)};
}

class Retention {
 public:
  Retention(Journal& journal, const RetentionPolicy& policy, Timestamp now)
      : journal_(&journal), reader_(&journal.reader()), policy_(&policy), now_(now) {}

  Result<RetentionReport> run() {
    Result<void> done = plan();
    if (!done) return fail(std::move(done).error());
    if (mark_.expired_before <= before_.expired_before && mark_.kept_from <= before_.kept_from) {
      return report_;
    }
    done = announce();
    for (const auto& [cluster, anchor] : anchors_) {
      if (done) done = expire_facts(cluster, anchor);
      if (done) done = erase_snapshots(cluster, anchor);
    }
    if (done && mark_.kept_from > before_.kept_from) done = cut();
    if (done) done = flush_edits();
    if (!done) return fail(std::move(done).error());
    return report_;
  }

 private:
  // Fills in mark_, anchors_ and cut_clusters_; changes nothing.
  Result<void> plan() {
    Result<RetentionMark> before = reader_->retention();
    if (!before) return fail(std::move(before).error());
    before_ = *before;
    Result<std::optional<Sequence>> first = reader_->first();
    if (!first) return fail(std::move(first).error());
    first_ = first->value_or(kFirst);
    last_ = journal_->head().seq;
    mark_ = before_;
    if (last_ <= first_) return {};
    Result<Sequence> expired = first_at(now_ - policy_->facts_for);
    if (!expired) return fail(std::move(expired).error());
    Result<Sequence> kept = first_at(now_ - policy_->records_for);
    if (!kept) return fail(std::move(kept).error());
    mark_.expired_before =
        std::max({*expired, *kept, first_within_bytes(), before_.expired_before});
    Result<void> anchored = find_anchors();
    if (!anchored) return anchored;
    return find_cut(*kept);
  }

  // The first record that is not older than `time`, or the last one. Times only grow.
  Result<Sequence> first_at(Timestamp time) const {
    std::uint64_t low = first_.value();
    std::uint64_t high = last_.value();
    while (low < high) {
      const std::uint64_t middle = low + (high - low) / 2;
      Result<Record> record = reader_->read(Sequence(middle));
      if (!record) return fail(std::move(record).error());
      if (record->time < time) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return Sequence(low);
  }

  // The first record such that it and all later ones take no more than the policy's bytes.
  Sequence first_within_bytes() const {
    std::uint64_t low = first_.value();
    std::uint64_t high = last_.value();
    while (low < high) {
      const std::uint64_t middle = low + (high - low) / 2;
      if (bytes_from(Sequence(middle)) > policy_->records_bytes) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return Sequence(low);
  }

  std::uint64_t bytes_from(Sequence seq) const {
    const Store& store = reader_->store();
    const std::string from = sequence_key(seq);
    const std::string to = sequence_key(last_.next());
    const rocksdb::Range range(from, to);
    rocksdb::SizeApproximationOptions options;
    options.include_memtables = true;
    std::uint64_t size = 0;
    const rocksdb::Status status =
        store.db().GetApproximateSizes(options, store.family(Family::kRecords), &range, 1, &size);
    return status.ok() ? size : 0;  // unknown is no reason to let facts go
  }

  // Per cluster the newest snapshot that replay can start from once the facts below are gone.
  Result<void> find_anchors() {
    Result<std::vector<ClusterUid>> clusters = reader_->clusters();
    if (!clusters) return fail(std::move(clusters).error());
    for (const ClusterUid& cluster : *clusters) {
      const Sequence newest_allowed(mark_.expired_before.value() - 1);
      Result<std::vector<Sequence>> snapshots = reader_->snapshots(cluster);
      if (!snapshots) return fail(std::move(snapshots).error());
      const auto beyond = std::ranges::upper_bound(*snapshots, newest_allowed);
      anchors_[cluster] = beyond == snapshots->begin() ? Sequence() : *std::prev(beyond);
    }
    return {};
  }

  // Whole records may go up to `wanted`, as long as each one's cluster has a later snapshot.
  Result<void> find_cut(Sequence wanted) {
    mark_.kept_from = std::max(first_, before_.kept_from);
    const auto may_go = [this](Record&& record) {
      // Nothing is folded from the operator's own stream.
      const bool is_folded = record.cluster != operator_stream();
      if (is_folded && record.seq > anchors_[record.cluster]) {
        report_.held_by = record.cluster;
        return false;
      }
      cut_clusters_.insert(record.cluster);
      hash_before_kept_ = record.hash;
      mark_.kept_from = record.seq.next();
      return true;
    };
    if (wanted <= first_) return {};
    return reader_->scan(first_, Sequence(wanted.value() - 1), may_go);
  }

  // The record first, then the mark, and only then does anything go.
  Result<void> announce() {
    Entry marker;
    marker.cluster = operator_stream();
    marker.kind = Kind::kMarker;
    marker.type = kMarkerType;
    marker.payload = marker_payload(mark_);
    Result<Record> last = reader_->read(last_);
    if (!last) return fail(std::move(last).error());
    marker.epoch = last->epoch;
    Batch batch;
    batch.entries.push_back(std::move(marker));
    Result<std::vector<Record>> announced = journal_->append_and_wait(std::move(batch));
    if (!announced) return fail(std::move(announced).error());
    mark_.marker = announced->front().seq;
    return edit(put(Family::kMeta, std::string(kRetentionKey), encode(mark_)));
  }

  Result<void> expire_facts(const ClusterUid& cluster, Sequence anchor) {
    Result<std::vector<Sequence>> snapshots = reader_->snapshots(cluster);
    if (!snapshots) return fail(std::move(snapshots).error());
    // An earlier run left the oldest snapshot, and did what is before it.
    Sequence from = kFirst;
    if (!snapshots->empty() && snapshots->front() < before_.expired_before) {
      from = snapshots->front();
    }
    Result<void> edited;
    const auto expire = [&](Record&& record) {
      if (record.kind != Kind::kFact || record.expired) return true;
      edited = expire_one(record.seq);
      return edited.has_value();
    };
    Result<void> scanned = reader_->scan(cluster, from, anchor, expire);
    return edited ? scanned : edited;
  }

  Result<void> expire_one(Sequence seq) {
    const std::string key = sequence_key(seq);
    Result<std::string> frame = reader_->store().get(Family::kRecords, key, concat("record ", seq));
    if (!frame) return fail(std::move(frame).error());
    ++report_.expired;
    return edit(put(Family::kRecords, key, encode_expired(*frame)));
  }

  Result<void> erase_snapshots(const ClusterUid& cluster, Sequence anchor) {
    Result<std::vector<Sequence>> snapshots = reader_->snapshots(cluster);
    if (!snapshots) return fail(std::move(snapshots).error());
    for (const Sequence seq : *snapshots) {
      if (seq >= anchor) break;
      ++report_.snapshots;
      Result<void> edited = edit(erase(Family::kSnapshots, stream_key(cluster, seq)));
      if (!edited) return edited;
    }
    return {};
  }

  // Records, their places in the streams and the note of what stood before: in one write.
  Result<void> cut() {
    Result<void> flushed = flush_edits();
    if (!flushed) return flushed;
    const Sequence kept = mark_.kept_from;
    report_.cut = kept.value() - first_.value();
    edits_.push_back(put(Family::kMeta, gap_key(kept),
                         encode(Gap{Sequence(kept.value() - 1), hash_before_kept_})));
    edits_.push_back(erase(Family::kMeta, gap_key(first_)));
    edits_.push_back(erase_range(Family::kRecords, sequence_key(Sequence()), sequence_key(kept)));
    for (const ClusterUid& cluster : cut_clusters_) {
      edits_.push_back(erase_range(Family::kStreams, stream_key(cluster, Sequence()),
                                   stream_key(cluster, kept)));
    }
    flushed = flush_edits();
    if (!flushed) return flushed;
    return erase_blobs(kept);
  }

  Result<void> erase_blobs(Sequence kept) {
    const Store& store = reader_->store();
    const std::unique_ptr<rocksdb::Iterator> uses(
        store.db().NewIterator({}, store.family(Family::kMeta)));
    for (uses->Seek(kBlobUsePrefix); uses->Valid(); uses->Next()) {
      const std::string_view key = uses->key().ToStringView();
      if (!key.starts_with(kBlobUsePrefix)) break;
      const std::string kept_key = sequence_key(kept);
      if (uses->value().ToStringView() >= kept_key) continue;
      ++report_.blobs;
      Result<void> edited = edit({Edit::What::kEraseUnusedBlob, Family::kBlobs,
                                  std::string(key.substr(kBlobUsePrefix.size())), kept_key});
      if (!edited) return edited;
    }
    if (!uses->status().ok()) return fail(to_error(uses->status(), store.directory()));
    return {};
  }

  Result<void> edit(Edit edit) {
    edits_.push_back(std::move(edit));
    return edits_.size() < kEditsAtOnce ? Result<void>() : flush_edits();
  }

  Result<void> flush_edits() {
    if (edits_.empty()) return {};
    Result<std::vector<Record>> written = journal_->append_edits({}, std::exchange(edits_, {}));
    if (!written) return fail(std::move(written).error());
    return {};
  }

  Journal* journal_;
  const Reader* reader_;
  const RetentionPolicy* policy_;
  Timestamp now_;

  RetentionMark before_;
  RetentionMark mark_;
  Sequence first_;
  Sequence last_;
  std::map<ClusterUid, Sequence> anchors_;
  std::set<ClusterUid> cut_clusters_;
  Digest hash_before_kept_;
  std::vector<Edit> edits_;
  RetentionReport report_;
};

}  // namespace

Result<RetentionReport> apply_retention(Journal& journal, const RetentionPolicy& policy,
                                        Timestamp now) {
  Result<RetentionReport> report = Retention(journal, policy, now).run();
  if (!report) return fail(std::move(report).error().while_doing("apply retention"));
  return report;
}

Result<void> check_retention_mark(const Reader& reader, const RetentionMark& mark) {
  if (mark.marker == Sequence()) return {};
  Result<Record> marker = reader.read(mark.marker);
  if (!marker) return fail(std::move(marker).error());
  if (marker->type == kMarkerType && marker->payload == marker_payload(mark)) return {};
  return fail(Errc::kCorrupt, "record ", mark.marker, " does not match the retention mark in ",
              reader.store().directory());
}

}  // namespace annals::journal
