// Store: the RocksDB database of a journal, opened with the one set of options that fits it, and
// what is needed to name the file when something is wrong. The only place that opens RocksDB.
// Thread-safe after open.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/result.h"
#include "journal/head.h"
#include "journal/layout.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class Env;
class FileSystem;
}  // namespace rocksdb

namespace annals::journal {

struct Observers;  // what RocksDB tells from its own threads

class Store {
 public:
  enum class Mode : std::uint8_t { kCreate, kReadWrite, kReadOnly };

  // `files` is null for the machine's own file system.
  static std::shared_ptr<rocksdb::Env> make_env(const std::shared_ptr<rocksdb::FileSystem>& files);

  static Result<std::shared_ptr<Store>> open(std::shared_ptr<rocksdb::Env> env,
                                             const std::string& directory, Mode mode);

  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  ~Store();

  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* family(Family family) const {
    return families_[static_cast<std::size_t>(family)];
  }
  rocksdb::Env& env() const { return *env_; }
  const std::string& directory() const { return directory_; }

  // kNotFound when the key is absent; `what` names it in messages.
  Result<std::string> get(Family family, std::string_view key, std::string_view what) const;

  // The last key of a family, if it has any.
  Result<std::optional<std::string>> last_key(Family family) const;

  // Everything that MANIFEST holds now.
  Result<ManifestPrefix> manifest() const;
  // kCorrupt unless MANIFEST still begins as the head says.
  Result<void> check_manifest(const ManifestPrefix& expected) const;

  // The file that holds, or should hold, this key; the newest log when no table does.
  std::string file_of(Family family, std::string_view key) const;
  // What RocksDB's recovery said of damage and went over; empty when it said nothing.
  std::string damage() const;

  // How many keys were ever written: RocksDB's own sequence number.
  std::uint64_t writes() const;
  // RocksDB wrote or removed a table since the last call.
  bool files_changed();
  // The first error of RocksDB's background work, if there was one.
  std::optional<Error> background_error() const;

 private:
  Store(std::shared_ptr<rocksdb::Env> env, std::string directory);

  std::shared_ptr<rocksdb::Env> env_;
  std::string directory_;
  std::unique_ptr<Observers> observers_;
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilyNames.size()> families_{};
};

// All of the MANIFEST that CURRENT names, in a directory that nobody writes to.
Result<ManifestPrefix> manifest_on_disk(rocksdb::Env& env, const std::string& directory);

}  // namespace annals::journal
