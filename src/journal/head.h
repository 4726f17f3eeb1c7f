// HEAD: a small file beside RocksDB's that says how far the journal is known to reach. RocksDB's
// recovery stops silently where its log is damaged; what HEAD names must be there, or the journal
// is corrupt. It is overwritten in place after each commit (160 bytes, within one disk sector, so
// never torn) and synced from time to time: after a power loss it may be behind, never ahead.
// HeadFile: one thread, the writer's.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/result.h"
#include "base/sha256.h"

namespace rocksdb {
class Env;
class FSRandomRWFile;
}  // namespace rocksdb

namespace annals::journal {

// A prefix of RocksDB's MANIFEST, its list of files: everything up to `size` was there.
struct ManifestPrefix {
  std::uint64_t number = 0;  // MANIFEST-000005 has 5; 0 for none yet
  std::uint64_t size = 0;
  Digest digest;

  friend bool operator==(const ManifestPrefix&, const ManifestPrefix&) = default;
};

struct Head {
  std::string journal_id;    // 16 bytes, drawn when the journal was made
  bool excerpt = false;      // an imported bundle: it has gaps, and is never appended to
  Sequence seq;              // at least this far; 0 for an empty journal
  Digest hash;               // of that record
  std::uint64_t writes = 0;  // RocksDB's sequence number: at least so many keys were written
  ManifestPrefix manifest;

  friend bool operator==(const Head&, const Head&) = default;
};

constexpr std::size_t kJournalIdSize = 16;

std::string encode(const Head& head);
// kInvalid for another format version, kCorrupt for damage.
Result<Head> decode_head(std::string_view bytes);

// kNotFound when there is none.
Result<Head> read_head(rocksdb::Env& env, const std::string& directory);

class HeadFile {
 public:
  // Makes the file, durably, with this content.
  static Result<void> create(rocksdb::Env& env, const std::string& directory, const Head& head);
  // Opens an existing one for overwriting.
  static Result<std::unique_ptr<HeadFile>> open(rocksdb::Env& env, const std::string& directory);

  explicit HeadFile(std::unique_ptr<rocksdb::FSRandomRWFile> file);
  HeadFile(const HeadFile&) = delete;
  HeadFile& operator=(const HeadFile&) = delete;
  ~HeadFile();

  // Reaches the kernel: survives the process, not yet the machine.
  Result<void> write(const Head& head);
  Result<void> sync();

 private:
  std::unique_ptr<rocksdb::FSRandomRWFile> file_;
};

}  // namespace annals::journal
