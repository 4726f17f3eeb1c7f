#include "journal/bundle.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "journal/bundle_file.h"
#include "journal/bytes.h"
#include "journal/layout.h"
#include "journal/status.h"
#include "journal/store.h"

namespace annals::journal {
namespace {

constexpr Sequence kEver(~std::uint64_t{0});

class Export {
 public:
  Export(const Reader& reader, const BundleSelection& selection, BundleWriter& out)
      : reader_(&reader), selection_(&selection), out_(&out) {}

  Result<BundleReport> run() {
    Result<void> done = choose_clusters();
    if (done) done = find_range();
    if (done) done = write_beginning();
    if (done) done = write_records();
    if (done) done = write_blobs();
    if (done) done = out_->finish();
    if (!done) return fail(std::move(done).error());
    return report_;
  }

 private:
  Result<void> choose_clusters() {
    Result<std::vector<ClusterUid>> all = reader_->clusters();
    if (!all) return fail(std::move(all).error());
    const std::vector<ClusterUid>& wanted = selection_->clusters;
    for (const ClusterUid& cluster : wanted) {
      if (std::ranges::find(*all, cluster) == all->end()) {
        return fail(Errc::kNotFound, "cluster ", cluster, " has no record");
      }
    }
    for (ClusterUid& cluster : *all) {
      const bool chosen = wanted.empty() || cluster == operator_stream() ||
                          std::ranges::find(wanted, cluster) != wanted.end();
      if (chosen) from_[std::move(cluster)] = Sequence(1);
    }
    return {};
  }

  // By time to sequence, and for each cluster back to the snapshot that replay starts at.
  Result<void> find_range() {
    Sequence from(1);
    if (selection_->from || selection_->to) {
      Result<void> scanned = reader_->scan(Sequence(1), kEver, [&](Record&& record) {
        if (selection_->from && record.time < *selection_->from) from = record.seq.next();
        if (selection_->to && record.time > *selection_->to) return false;
        to_ = record.seq;
        return true;
      });
      if (!scanned) return scanned;
    } else {
      to_ = kEver;
    }
    for (auto& [cluster, start] : from_) {
      if (!selection_->from || from == Sequence(1)) continue;
      Result<std::optional<Snapshot>> snapshot =
          reader_->snapshot(cluster, Sequence(from.value() - 1));
      if (!snapshot) return fail(std::move(snapshot).error());
      if (*snapshot) start = (*snapshot)->seq.next();
    }
    return {};
  }

  Result<void> write_beginning() {
    Result<void> added = out_->add(Item::kJournal, reader_->journal_id());
    Result<RetentionMark> mark = reader_->retention();
    if (!mark) return fail(std::move(mark).error());
    // The record that the mark names may be outside of the range, so the bundle says only how far.
    mark->marker = Sequence();
    if (added) added = out_->add(Item::kMark, encode(*mark));
    return added;
  }

  Result<void> write_records() {
    Result<void> written;
    Result<void> scanned = reader_->scan(Sequence(1), to_, [&](Record&& record) {
      const auto from = from_.find(record.cluster);
      if (from != from_.end() && record.seq >= from->second) written = write_record(record);
      before_ = Gap{record.seq, record.hash};
      return written.has_value();
    });
    if (!written) return written;
    if (!scanned) return scanned;
    for (const auto& [cluster, start] : from_) {
      written = write_snapshots(cluster, start);
      if (!written) return written;
    }
    return {};
  }

  Result<void> write_record(const Record& record) {
    const std::string key = sequence_key(record.seq);
    Result<std::string> frame =
        reader_->store().get(Family::kRecords, key, concat("record ", record.seq));
    if (!frame) return fail(std::move(frame).error());
    const bool follows_a_gap = last_written_.next() != record.seq;
    if (follows_a_gap) {
      Result<void> gap = write_gap(record.seq);
      if (!gap) return gap;
    }
    last_written_ = record.seq;
    ++report_.records;
    blobs_.insert(record.blobs.begin(), record.blobs.end());
    return out_->add(Item::kRecord, *frame);
  }

  Result<void> write_gap(Sequence seq) {
    Result<std::optional<Gap>> known = reader_->gap_before(seq);
    if (!known) return fail(std::move(known).error());
    const Gap gap = *known ? **known : before_;
    return out_->add(Item::kGap, Encoder().u64(seq.value()).raw(encode(gap)).view());
  }

  // The one that replay starts at, and those within.
  Result<void> write_snapshots(const ClusterUid& cluster, Sequence start) {
    Result<std::vector<Sequence>> snapshots = reader_->snapshots(cluster);
    if (!snapshots) return fail(std::move(snapshots).error());
    for (const Sequence seq : *snapshots) {
      if (seq.next() < start || seq > to_) continue;
      const std::string key = stream_key(cluster, seq);
      Result<std::string> value = reader_->store().get(Family::kSnapshots, key, "a snapshot");
      if (!value) return fail(std::move(value).error());
      Encoder item;
      item.u32(static_cast<std::uint32_t>(key.size())).raw(key).raw(*value);
      Result<void> added = out_->add(Item::kSnapshot, item.view());
      if (!added) return added;
      ++report_.snapshots;
    }
    return {};
  }

  Result<void> write_blobs() {
    for (const Digest& digest : blobs_) {
      Result<std::string> value =
          reader_->store().get(Family::kBlobs, digest.view(), concat("blob ", digest));
      if (!value) return fail(std::move(value).error());
      Result<void> added = out_->add(Item::kBlob, concat(digest.view(), *value));
      if (!added) return added;
      ++report_.blobs;
    }
    return {};
  }

  const Reader* reader_;
  const BundleSelection* selection_;
  BundleWriter* out_;
  std::map<ClusterUid, Sequence> from_;  // of each chosen cluster, the first record to take
  Sequence to_;
  Sequence last_written_;
  Gap before_;  // the record before the one that is looked at
  std::set<Digest> blobs_;
  BundleReport report_;
};

// Puts the items of a bundle where a reader expects them.
class Import {
 public:
  Import(BundleReader& in, Store& store) : in_(&in), store_(&store) {}

  Result<Head> run() {
    while (true) {
      Result<BundleReader::Next> next = in_->next();
      if (!next) return fail(std::move(next).error());
      if (next->item == Item::kEnd) break;
      Result<void> taken = take(next->item, next->bytes);
      if (taken && batch_.GetDataSize() > kBatchBytes) taken = flush();
      if (!taken) return fail(std::move(taken).error());
    }
    Result<void> flushed = flush();
    if (!flushed) return fail(std::move(flushed).error());
    head_.excerpt = true;
    head_.writes = store_->writes();
    return head_;
  }

  const BundleReport& report() const { return report_; }

 private:
  static constexpr std::size_t kBatchBytes = 4U << 20U;

  Result<void> take(Item item, std::string_view bytes) {
    Decoder in(bytes);
    switch (item) {
      case Item::kJournal:
        head_.journal_id = bytes;
        if (bytes.size() == kJournalIdSize) return {};
        break;
      case Item::kMark:
        return put(Family::kMeta, kRetentionKey, bytes);
      case Item::kGap: {
        const Sequence seq(in.u64());
        if (in.ok()) return put(Family::kMeta, gap_key(seq), in.rest());
        break;
      }
      case Item::kRecord:
        return take_record(bytes);
      case Item::kSnapshot: {
        const std::string_view key = in.raw(in.u32());
        ++report_.snapshots;
        if (in.ok()) return put(Family::kSnapshots, key, in.rest());
        break;
      }
      case Item::kBlob: {
        const Digest digest = in.digest();
        ++report_.blobs;
        if (in.ok()) return put(Family::kBlobs, digest.view(), in.rest());
        break;
      }
      case Item::kEnd:
        break;
    }
    return fail(Errc::kCorrupt, "an item of type ", static_cast<int>(item), " is malformed");
  }

  Result<void> take_record(std::string_view frame) {
    Result<Decoded> decoded = decode(frame);
    if (!decoded) return fail(std::move(decoded).error());
    const Record& record = decoded->record;
    head_.seq = record.seq;
    head_.hash = record.hash;
    ++report_.records;
    Result<void> written = put(Family::kStreams, stream_key(record.cluster, record.seq), "");
    return written ? put(Family::kRecords, sequence_key(record.seq), frame) : written;
  }

  Result<void> put(Family family, std::string_view key, std::string_view value) {
    const rocksdb::Status status = batch_.Put(store_->family(family), key, value);
    if (!status.ok()) return fail(to_error(status, store_->directory()));
    return {};
  }

  Result<void> flush() {
    rocksdb::WriteOptions options;
    options.sync = true;
    const rocksdb::Status status = store_->db().Write(options, &batch_);
    if (!status.ok()) return fail(to_error(status, store_->directory()));
    batch_.Clear();
    return {};
  }

  BundleReader* in_;
  Store* store_;
  rocksdb::WriteBatch batch_;
  Head head_;
  BundleReport report_;
};

Result<BundleReport> import_into(BundleReader& in, const std::string& directory) {
  const std::shared_ptr<rocksdb::Env> env = Store::make_env(nullptr);
  Result<std::shared_ptr<Store>> store = Store::open(env, directory, Store::Mode::kCreate);
  if (!store) return fail(std::move(store).error());
  Import import(in, **store);
  Result<Head> head = import.run();
  if (!head) return fail(std::move(head).error());
  Result<ManifestPrefix> manifest = (*store)->manifest();
  if (!manifest) return fail(std::move(manifest).error());
  head->manifest = *manifest;
  Result<void> created = HeadFile::create(*env, directory, *head);
  if (!created) return fail(std::move(created).error());
  return import.report();
}

}  // namespace

Result<BundleReport> export_bundle(const Reader& reader, const BundleSelection& selection,
                                   const std::string& file) {
  const std::string doing = concat("export to ", file);
  Result<std::unique_ptr<BundleWriter>> out = BundleWriter::create(file);
  if (!out) return fail(std::move(out).error().while_doing(doing));
  Result<BundleReport> report = Export(reader, selection, **out).run();
  if (!report) return fail(std::move(report).error().while_doing(doing));
  return report;
}

Result<BundleReport> import_bundle(const std::string& file, const std::string& directory) {
  const std::string doing = concat("import ", file);
  std::error_code error;
  if (std::filesystem::exists(directory, error)) {
    return fail(Errc::kConflict, doing, ": ", directory, " exists already");
  }
  Result<std::unique_ptr<BundleReader>> in = BundleReader::open(file);
  if (!in) return fail(std::move(in).error().while_doing(doing));
  Result<BundleReport> report = import_into(**in, directory);
  if (report) return report;
  std::filesystem::remove_all(directory, error);  // ours: it did not exist before
  return fail(std::move(report).error().while_doing(doing));
}

}  // namespace annals::journal
