// Writer: the one thread that writes. Producers queue batches; the thread takes all that wait,
// gives them sequence numbers and times, and makes them durable with one fsync. After the first
// error of the disk it writes nothing more: what a failed fsync lost cannot be known, so nothing
// is tried again.
// Thread-safe, except that construction and destruction are the owner's.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "journal/batch.h"
#include "journal/head.h"
#include "journal/layout.h"
#include "journal/record.h"

namespace annals::journal {

class Store;

// The records of a batch as they now stand in the journal, or why they do not. Called once, on the
// writer's thread: it must not block or throw; it may append.
using Appended = std::function<void(Result<std::vector<Record>>)>;

// Changes beside the records, for the journal's own housekeeping; applied with the batch.
struct Edit {
  enum class What : std::uint8_t {
    kPut,
    kErase,
    kEraseRange,       // up to `value`, which stays
    kEraseUnusedBlob,  // key is a digest, value the sequence_key below which uses do not count
  };
  What what;
  Family family;
  std::string key;
  std::string value;
};

class Writer {
 public:
  struct Options {
    const Clock* clock = nullptr;
    std::size_t max_pending_bytes = 0;
    std::function<void(const Error&)> on_failure;
  };

  // `head` is the true end of the journal, `last_time` the time of its last record.
  Writer(std::shared_ptr<Store> store, std::unique_ptr<HeadFile> head_file, Head head,
         Timestamp last_time, Options options);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  // Writes what is queued, then stops.
  ~Writer();

  // Refuses, and never calls `done`, when the journal has failed or too much is waiting.
  Result<void> append(Batch batch, std::vector<Edit> edits, Appended done);

  // The last durable record.
  Head head() const;
  // Set for ever by the first error of the disk.
  std::optional<Error> failure() const;

 private:
  struct Pending {
    Batch batch;
    std::vector<Edit> edits;
    Appended done;
    std::size_t size = 0;
    std::vector<Record> records;
  };
  class Group;

  void run();
  std::vector<Pending> take_pending();
  void commit(std::vector<Pending> group);
  Result<Head> write_durably(std::vector<Pending>& group);
  void refresh_manifest(Head& head);
  void sync_head_when_due();
  Timestamp next_time();
  void fail_for_good(const Error& error);

  const std::shared_ptr<Store> store_;
  const std::unique_ptr<HeadFile> head_file_;
  const Options options_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  // Guarded by mutex_.
  std::vector<Pending> pending_;
  std::size_t pending_bytes_ = 0;
  bool stopping_ = false;
  Head head_;
  std::optional<Error> failure_;

  // The writer's thread alone.
  Timestamp last_time_;
  Duration last_steady_;
  Duration head_synced_at_;
  bool head_dirty_ = false;

  std::thread thread_;  // last: it uses all the others
};

}  // namespace annals::journal
