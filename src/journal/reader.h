// Reader: history as it was written, never altered. Every record that a scan of all clusters gives
// was checked against the one before it; damage is kCorrupt and names record and file, never a gap.
// Thread-safe. Reads block on the disk: call them where blocking is allowed.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "journal/batch.h"
#include "journal/head.h"
#include "journal/record.h"

namespace rocksdb {
class FileSystem;
}

namespace annals::journal {

class Store;

// Return false to stop.
using Visit = std::function<bool(Record&&)>;
using VisitFrame = std::function<bool(const Frame&)>;  // there as long as the call

// What is known of the place before a record whose predecessor is not here.
struct Gap {
  Sequence last_missing;
  Digest hash;  // of that record
};

// How far retention went.
struct RetentionMark {
  Sequence expired_before;  // payloads of facts below may be gone
  Sequence kept_from;       // no record below
  Sequence marker;          // the record that says so
};

class Reader {
 public:
  // Opens a directory read-only: a journal at rest, one that another process writes to (then as it
  // is now), a checkpoint or an imported bundle. Nothing in the directory changes.
  static Result<std::unique_ptr<Reader>> open(
      const std::string& directory, const std::shared_ptr<rocksdb::FileSystem>& files = nullptr);

  // Reads from a store that is open already. `head` was read before the store was opened.
  Reader(std::shared_ptr<Store> store, Head head);
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader();

  const std::string& journal_id() const { return head_.journal_id; }
  bool is_excerpt() const { return head_.excerpt; }
  // The oldest and newest record; none in an empty journal.
  Result<std::optional<Sequence>> first() const;
  Result<std::optional<Sequence>> last() const;

  // kNotFound when there is no such record (yet, or any more).
  Result<Record> read(Sequence seq) const;
  // All records from `from` to `to`, both included, in order; those below first() are skipped.
  Result<void> scan(Sequence from, Sequence to, const Visit& visit) const;
  // The same, of one cluster: each record is checked by itself, not against the one before it.
  Result<void> scan(const ClusterUid& cluster, Sequence from, Sequence to,
                    const Visit& visit) const;
  // The same for whoever has these records checked besides: payloads are not held against their
  // digests here, and nothing is copied.
  Result<void> scan_frames(const ClusterUid& cluster, Sequence from, Sequence to,
                           const VisitFrame& visit) const;
  // Checks what a scan of all clusters would give.
  Result<void> check(Sequence from, Sequence to) const;
  // Every cluster that has a record or a snapshot, in order.
  Result<std::vector<ClusterUid>> clusters() const;

  Result<std::string> blob(const Digest& digest) const;
  // The newest snapshot of the cluster at or before `at_most`; none is no error.
  Result<std::optional<Snapshot>> snapshot(const ClusterUid& cluster, Sequence at_most) const;
  // Where snapshots of this cluster stand, oldest first.
  Result<std::vector<Sequence>> snapshots(const ClusterUid& cluster) const;

  // The hash before a record: that of its predecessor, of a gap's last record, or the genesis.
  Result<Digest> hash_before(Sequence seq) const;
  Result<std::optional<Gap>> gap_before(Sequence seq) const;
  Result<RetentionMark> retention() const;

  // Compares the end of the journal with HEAD; part of open(), for whoever opened the store.
  Result<void> check_head() const;

  Store& store() const { return *store_; }

 private:
  Result<void> walk(Sequence from, Sequence to, const VisitFrame& visit) const;

  std::shared_ptr<Store> store_;
  Head head_;
};

// The forms of what is beside the records; see layout.h for the keys.
std::string encode(const Gap& gap);
std::string encode(const RetentionMark& mark);
std::string encode(const Snapshot& snapshot);

}  // namespace annals::journal
