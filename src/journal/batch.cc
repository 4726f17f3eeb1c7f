#include "journal/batch.h"

#include <algorithm>
#include <utility>

#include "journal/secret_shapes.h"

namespace annals::journal {
namespace {

Result<void> check_secrets(std::string_view bytes) {
  const std::string_view shape = find_secret(bytes);
  // The bytes themselves must not reach a message.
  if (!shape.empty()) return fail(Errc::kForbidden, "it contains ", shape);
  return {};
}

Result<void> check_entry(const Entry& entry, std::size_t index) {
  if (entry.type.empty() || entry.type.size() > kMaxType) {
    return fail(Errc::kInvalid, "its type has ", entry.type.size(), " bytes");
  }
  const std::string& cluster = entry.cluster.value();
  if (cluster.empty() || cluster.size() > kMaxCluster || cluster.contains('\0')) {
    return fail(Errc::kInvalid, "its cluster is not a UID");
  }
  if (entry.payload.size() > kMaxPayload || entry.blobs.size() > kMaxBlobsOfRecord) {
    return fail(Errc::kInvalid, "its payload has ", entry.payload.size(), " bytes and it names ",
                entry.blobs.size(), " blobs");
  }
  if (entry.cause.is_in_batch() && entry.cause.index() >= index) {
    return fail(Errc::kInvalid, "its cause is not an earlier record");
  }
  return check_secrets(entry.payload);
}

Result<void> check_content(std::string_view content, std::size_t max) {
  if (content.size() > max) {
    return fail(Errc::kInvalid, content.size(), " bytes are more than ", max);
  }
  return check_secrets(content);
}

}  // namespace

std::size_t Batch::size() const {
  std::size_t size = 0;
  for (const Entry& entry : entries) size += entry.payload.size() + entry.type.size();
  for (const std::string& blob : blobs) size += blob.size();
  for (const Snapshot& snapshot : snapshots) size += snapshot.content.size();
  return size;
}

Framed frame(Entry entry, Sequence seq, Sequence first, Timestamp time, const Digest& previous) {
  Framed framed;
  Record& record = framed.record;
  record.seq = seq;
  record.time = time;
  record.epoch = entry.epoch;
  record.cluster = std::move(entry.cluster);
  record.kind = entry.kind;
  record.type = std::move(entry.type);
  record.cause = entry.cause.resolve(first);
  record.blobs = std::move(entry.blobs);
  record.payload = std::move(entry.payload);
  framed.bytes = encode(record, previous);
  return framed;
}

Result<void> check(const Batch& batch) {
  if (batch.entries.size() > kMaxEntries) {
    return fail(Errc::kInvalid, batch.entries.size(), " entries in one batch");
  }
  for (std::size_t i = 0; i < batch.entries.size(); ++i) {
    Result<void> checked = check_entry(batch.entries[i], i);
    if (!checked) {
      const std::string what = concat("append ", batch.entries[i].type);
      return fail(std::move(checked).error().while_doing(what));
    }
  }
  std::vector<Digest> contents;
  for (const std::string& blob : batch.blobs) {
    Result<void> checked = check_content(blob, kMaxBlob);
    if (!checked) return fail(std::move(checked).error().while_doing("append a blob"));
    contents.push_back(sha256(blob));
  }
  for (const Entry& entry : batch.entries) {
    for (const Digest& named : entry.blobs) {
      if (std::ranges::find(contents, named) != contents.end()) continue;
      return fail(Errc::kInvalid, "append ", entry.type, ": the batch lacks blob ", named);
    }
  }
  for (const Snapshot& snapshot : batch.snapshots) {
    Result<void> checked = check_content(snapshot.content, kMaxSnapshot);
    if (!checked) return fail(std::move(checked).error().while_doing("append a snapshot"));
  }
  return {};
}

}  // namespace annals::journal
