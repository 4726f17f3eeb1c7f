// The journal: an append-only sequence of records on disk.
// A batch is acknowledged only when it is durable, and what was acknowledged is there after any
// crash. The first error of the disk stops the journal for good: the owner must stop acting, say
// so, and start anew. Format: docs/journal-format.md
// Thread-safe. Opening and closing block on the disk; append() does not.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"
#include "journal/batch.h"
#include "journal/reader.h"
#include "journal/record.h"
#include "journal/writer.h"

namespace rocksdb {
class FileSystem;
}

namespace annals::journal {

// A record known from elsewhere, such as the last one that was published in Kubernetes. A journal
// that does not hold it is an older copy that was put back, or another one.
struct Anchor {
  Sequence seq;
  Digest hash;
};

struct Options {
  std::string directory;
  const Clock* clock = nullptr;  // outlives the journal
  std::optional<Anchor> anchor;
  // Refuse to queue more than this; the disk cannot keep up.
  std::size_t max_pending_bytes = 64U << 20U;
  // The journal has stopped for good. Called once, on the writer's thread; must not block.
  std::function<void(const Error&)> on_failure;
  // null for the machine's own
  std::shared_ptr<rocksdb::FileSystem> files;
};

class Journal {
 public:
  // Opens the journal in the directory, or makes a new one where there is none. What HEAD knows
  // must be there, undamaged, before anything is written.
  static Result<std::unique_ptr<Journal>> open(Options options);

  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  // Makes durable what is queued, then closes.
  ~Journal();

  // Queues the batch; `done` is called once it is durable or has failed. When the batch is refused
  // (kInvalid, kForbidden for a secret, kUnavailable) that is the result and `done` is dropped.
  Result<void> append(Batch batch, Appended done);
  // The same for callers that may wait.
  Result<std::vector<Record>> append_and_wait(Batch batch);

  // What is durable; grows while appends go on.
  const Reader& reader() const { return *reader_; }
  Head head() const { return writer_->head(); }
  std::optional<Error> failure() const { return writer_->failure(); }
  // Of the lock that keeps every other process out while this one lives: see lock_id.h.
  std::string lock_id() const;

  // A consistent copy, made while appends go on, with hard links where possible. `directory` does
  // not exist yet.
  Result<void> checkpoint(const std::string& directory) const;

  // For the journal's own housekeeping: see retention.h.
  Result<std::vector<Record>> append_edits(Batch batch, std::vector<Edit> edits);

 private:
  Journal(std::shared_ptr<Store> store, std::unique_ptr<Reader> reader,
          std::unique_ptr<Writer> writer);

  std::shared_ptr<Store> store_;
  std::unique_ptr<Reader> reader_;
  std::unique_ptr<Writer> writer_;
};

}  // namespace annals::journal
