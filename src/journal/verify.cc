#include "journal/verify.h"

#include <rocksdb/db.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include "journal/layout.h"
#include "journal/retention.h"
#include "journal/status.h"
#include "journal/store.h"

namespace annals::journal {
namespace {

Result<void> check_files(const Store& store) {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  const rocksdb::Status status = store.db().VerifyFileChecksums(options);
  if (!status.ok()) return fail(to_error(status, store.directory()));
  return {};
}

// A fact may lack its payload where retention has been; nothing else may.
bool may_be_expired(const Record& record, const RetentionMark& mark) {
  return record.kind == Kind::kFact && record.seq < mark.expired_before;
}

Result<void> check_record(const Reader& reader, const Record& record, const RetentionMark& mark) {
  const Store& store = reader.store();
  if (record.expired && !may_be_expired(record, mark)) {
    return fail(Errc::kCorrupt, "record ", record.seq, " in ",
                store.file_of(Family::kRecords, sequence_key(record.seq)),
                ": its payload is missing, and retention did not remove it");
  }
  const std::string key = stream_key(record.cluster, record.seq);
  Result<std::string> place = store.get(Family::kStreams, key, "its place in the stream");
  if (!place) {
    return fail(Errc::kCorrupt, "record ", record.seq, ": it is missing in the stream of ",
                record.cluster, " in ", store.file_of(Family::kStreams, key));
  }
  for (const Digest& digest : record.blobs) {
    Result<std::string> blob = reader.blob(digest);
    if (blob) continue;
    Error error = std::move(blob).error();
    error.code = Errc::kCorrupt;
    return fail(std::move(error).while_doing(concat("record ", record.seq)));
  }
  return {};
}

Result<void> check_records(const Reader& reader, Verified& verified) {
  Result<RetentionMark> mark = reader.retention();
  if (!mark) return fail(std::move(mark).error());
  Result<void> marked = check_retention_mark(reader, *mark);
  if (!marked) return marked;
  Result<void> checked;
  Result<void> scanned = reader.scan(Sequence(), Sequence(~std::uint64_t{0}), [&](Record&& record) {
    if (!verified.first) verified.first = record.seq;
    verified.last = record.seq;
    verified.hash = record.hash;
    ++verified.records;
    verified.expired += record.expired ? 1 : 0;
    checked = check_record(reader, record, *mark);
    return checked.has_value();
  });
  return checked ? scanned : checked;
}

using VisitKey = std::function<Result<void>(std::string_view)>;

Result<void> each_key(const Store& store, Family family, const VisitKey& visit) {
  const std::unique_ptr<rocksdb::Iterator> keys(store.db().NewIterator({}, store.family(family)));
  for (keys->SeekToFirst(); keys->Valid(); keys->Next()) {
    Result<void> visited = visit(keys->key().ToStringView());
    if (!visited) return visited;
  }
  if (!keys->status().ok()) return fail(to_error(keys->status(), store.directory()));
  return {};
}

// Each place in a stream is a record's: the scan found them all, so the numbers decide.
Result<void> check_streams(const Reader& reader, const Verified& verified) {
  std::uint64_t places = 0;
  Result<void> counted = each_key(reader.store(), Family::kStreams, [&](std::string_view) {
    ++places;
    return Result<void>();
  });
  if (!counted) return counted;
  if (places != verified.records) {
    return fail(Errc::kCorrupt, "the streams in ", reader.store().directory(), " name ", places,
                " records, there are ", verified.records);
  }
  return {};
}

Result<void> check_blobs(const Reader& reader, Verified& verified) {
  return each_key(reader.store(), Family::kBlobs, [&](std::string_view key) -> Result<void> {
    Digest digest;
    if (key.size() != digest.bytes.size()) {
      return fail(Errc::kCorrupt, "a malformed key of a blob in ", reader.store().directory());
    }
    std::ranges::copy(key, digest.bytes.begin());
    Result<std::string> blob = reader.blob(digest);
    if (!blob) return fail(std::move(blob).error());
    ++verified.blobs;
    return {};
  });
}

Result<void> check_snapshots(const Reader& reader, Verified& verified) {
  return each_key(reader.store(), Family::kSnapshots, [&](std::string_view key) -> Result<void> {
    const std::optional<StreamPlace> place = stream_place_of(key);
    if (!place) {
      return fail(Errc::kCorrupt, "a malformed key of a snapshot in ", reader.store().directory());
    }
    Result<std::optional<Snapshot>> snapshot = reader.snapshot(place->cluster, place->seq);
    if (!snapshot) return fail(std::move(snapshot).error());
    ++verified.snapshots;
    return {};
  });
}

}  // namespace

Result<Verified> verify(const Reader& reader) {
  Verified verified;
  Result<void> checked = check_files(reader.store());
  if (checked) checked = check_records(reader, verified);
  if (checked) checked = check_streams(reader, verified);
  if (checked) checked = check_blobs(reader, verified);
  if (checked) checked = check_snapshots(reader, verified);
  if (!checked) return fail(std::move(checked).error().while_doing("verify"));
  return verified;
}

}  // namespace annals::journal
