#include "journal/writer.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "journal/content.h"
#include "journal/reader.h"
#include "journal/status.h"
#include "journal/store.h"

namespace annals::journal {
namespace {

constexpr std::size_t kMaxGroupBytes = 8U << 20U;
// HEAD may be behind by this much after a power loss.
constexpr Duration kHeadSyncInterval = std::chrono::seconds(1);

bool has_blob(const Store& store, const Digest& digest) {
  rocksdb::PinnableSlice found;
  return store.db().Get({}, store.family(Family::kBlobs), digest.view(), &found).ok();
}

}  // namespace

// The bytes of one group, in the making.
class Writer::Group {
 public:
  Group(const Store& store, Sequence last, const Digest& hash)
      : store_(&store), seq_(last), hash_(hash) {}

  Sequence seq() const { return seq_; }
  const Digest& hash() const { return hash_; }
  rocksdb::WriteBatch& bytes() { return bytes_; }

  void add(Pending& pending, Timestamp time) {
    const Sequence first = seq_.next();
    for (Entry& entry : pending.batch.entries) {
      pending.records.push_back(add_record(std::move(entry), first, time));
    }
    for (const std::string& blob : pending.batch.blobs) add_blob(blob);
    for (const Snapshot& snapshot : pending.batch.snapshots) {
      put(Family::kSnapshots, stream_key(snapshot.cluster, snapshot.seq), encode(snapshot));
    }
    for (const Edit& edit : pending.edits) apply(edit);
  }

 private:
  Record add_record(Entry entry, Sequence first, Timestamp time) {
    auto [record, frame] = journal::frame(std::move(entry), seq_.next(), first, time, hash_);
    put(Family::kRecords, sequence_key(record.seq), frame);
    put(Family::kStreams, stream_key(record.cluster, record.seq), "");
    for (const Digest& blob : record.blobs) {
      put(Family::kMeta, blob_use_key(blob.view()), sequence_key(record.seq));
    }
    seq_ = record.seq;
    hash_ = record.hash;
    return record;
  }

  void add_blob(std::string_view blob) {
    const Digest digest = sha256(blob);
    if (!has_blob(*store_, digest)) put(Family::kBlobs, digest.view(), pack(blob));
  }

  void apply(const Edit& edit) {
    rocksdb::ColumnFamilyHandle* family = store_->family(edit.family);
    switch (edit.what) {
      case Edit::What::kPut:
        expect_ok(bytes_.Put(family, edit.key, edit.value));
        break;
      case Edit::What::kErase:
        expect_ok(bytes_.Delete(family, edit.key));
        break;
      case Edit::What::kEraseRange:
        expect_ok(bytes_.DeleteRange(family, edit.key, edit.value));
        break;
      case Edit::What::kEraseUnusedBlob:
        erase_unused_blob(edit);
        break;
    }
  }

  // Decided here, where nobody can name the blob again in between.
  void erase_unused_blob(const Edit& edit) {
    const std::string use_key = blob_use_key(edit.key);
    const Result<std::string> use = store_->get(Family::kMeta, use_key, "the use of a blob");
    if (!use || *use >= edit.value) return;
    expect_ok(bytes_.Delete(store_->family(Family::kMeta), use_key));
    expect_ok(bytes_.Delete(store_->family(Family::kBlobs), edit.key));
  }

  void put(Family family, std::string_view key, std::string_view value) {
    expect_ok(bytes_.Put(store_->family(family), key, value));
  }

  // Building a batch touches no disk.
  static void expect_ok(const rocksdb::Status& status) {
    ANNALS_ASSERT(status.ok(), status.ToString());
  }

  const Store* store_;
  Sequence seq_;
  Digest hash_;
  rocksdb::WriteBatch bytes_;
};

Writer::Writer(std::shared_ptr<Store> store, std::unique_ptr<HeadFile> head_file, Head head,
               Timestamp last_time, Options options)
    : store_(std::move(store)),
      head_file_(std::move(head_file)),
      options_(std::move(options)),
      head_(std::move(head)),
      last_time_(last_time),
      last_steady_(options_.clock->steady()),
      head_synced_at_(last_steady_),
      thread_([this] { run(); }) {}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

Result<void> Writer::append(Batch batch, std::vector<Edit> edits, Appended done) {
  Pending pending{std::move(batch), std::move(edits), std::move(done), 0, {}};
  pending.size = pending.batch.size();
  for (const Edit& edit : pending.edits) pending.size += edit.value.size();
  {
    const std::lock_guard lock(mutex_);
    if (failure_) return fail(failure_->while_doing("the journal has stopped"));
    if (pending_bytes_ + pending.size > options_.max_pending_bytes) {
      return fail(Errc::kUnavailable, "the journal's queue is full: ", pending_bytes_,
                  " bytes are waiting for the disk");
    }
    pending_bytes_ += pending.size;
    pending_.push_back(std::move(pending));
  }
  wake_.notify_one();
  return {};
}

Head Writer::head() const {
  const std::lock_guard lock(mutex_);
  return head_;
}

std::optional<Error> Writer::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void Writer::run() {
  while (true) {
    std::vector<Pending> group = take_pending();
    if (group.empty()) break;
    commit(std::move(group));
    sync_head_when_due();
  }
  if (failure() || !head_dirty_) return;
  Result<void> synced = head_file_->sync();
  if (!synced) fail_for_good(synced.error());
}

// Waits for work; empty only when there is none and the writer stops.
std::vector<Writer::Pending> Writer::take_pending() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return stopping_ || !pending_.empty(); });
  std::size_t bytes = 0;
  std::size_t count = 0;
  // Edits decide by what is stored, so they are a group of their own.
  const auto joins = [&](const Pending& next) {
    return bytes < kMaxGroupBytes && next.edits.empty() && pending_.front().edits.empty();
  };
  while (count < pending_.size() && (count == 0 || joins(pending_[count]))) {
    bytes += pending_[count++].size;
  }
  pending_bytes_ -= bytes;
  if (count == pending_.size()) return std::exchange(pending_, {});
  const auto end = pending_.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<Pending> group(std::make_move_iterator(pending_.begin()),
                             std::make_move_iterator(end));
  pending_.erase(pending_.begin(), end);
  return group;
}

void Writer::commit(std::vector<Pending> group) {
  std::optional<Error> error = failure();
  if (!error) error = store_->background_error();
  if (!error) {
    Result<Head> written = write_durably(group);
    if (written) {
      const std::lock_guard lock(mutex_);
      head_ = *written;
    } else {
      error = std::move(written).error();
    }
  }
  if (error) fail_for_good(*error);
  for (Pending& pending : group) {
    if (!pending.done) continue;
    if (error) {
      pending.done(fail(error->while_doing("append")));
    } else {
      pending.done(std::move(pending.records));
    }
  }
}

Result<Head> Writer::write_durably(std::vector<Pending>& group) {
  Head head = this->head();
  Group bytes(*store_, head.seq, head.hash);
  const Timestamp time = next_time();
  for (Pending& pending : group) bytes.add(pending, time);
  rocksdb::WriteOptions options;
  options.sync = true;
  const rocksdb::Status status = store_->db().Write(options, &bytes.bytes());
  if (!status.ok()) {
    return fail(to_error(
        status, concat("record ", head.seq.next(), " in ", store_->file_of(Family::kRecords, ""))));
  }
  head.seq = bytes.seq();
  head.hash = bytes.hash();
  head.writes = store_->writes();
  if (store_->files_changed()) refresh_manifest(head);
  Result<void> written = head_file_->write(head);
  if (!written) return fail(std::move(written).error());
  head_dirty_ = true;
  return head;
}

// When it cannot be read just now (RocksDB replaces it), the older prefix still holds.
void Writer::refresh_manifest(Head& head) {
  Result<ManifestPrefix> manifest = store_->manifest();
  if (manifest) head.manifest = *manifest;
}

void Writer::sync_head_when_due() {
  const Duration now = options_.clock->steady();
  if (!head_dirty_ || now - head_synced_at_ < kHeadSyncInterval || failure()) return;
  Result<void> synced = head_file_->sync();
  if (!synced) return fail_for_good(synced.error());
  head_synced_at_ = now;
  head_dirty_ = false;
}

// The time of day, except that it never goes back: when somebody sets the clock back, time goes
// on from where it was at the speed of the steady clock, so that deadlines still come.
Timestamp Writer::next_time() {
  const Duration steady = options_.clock->steady();
  const Timestamp carried_on = last_time_ + (steady - last_steady_);
  last_time_ =
      std::max(options_.clock->now(), last_time_ == Timestamp{} ? Timestamp{} : carried_on);
  last_steady_ = steady;
  return last_time_;
}

void Writer::fail_for_good(const Error& error) {
  {
    const std::lock_guard lock(mutex_);
    if (failure_) return;
    failure_ = error;
  }
  if (options_.on_failure) options_.on_failure(error);
}

}  // namespace annals::journal
