// FaultFiles: a file system for tests that fails when told, and that knows what a power loss may
// take: bytes that were not synced, names in a directory that was not synced, all or in part.
// Thread-safe.
#pragma once

#include <rocksdb/file_system.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace annals::journal {

enum class Fault : std::uint8_t {
  kNoSpace,    // ENOSPC
  kIoError,    // EIO; a failed fsync
  kTornWrite,  // half of the bytes, then EIO; as kIoError where nothing is written
};

class FaultFiles final : public rocksdb::FileSystemWrapper {
 public:
  FaultFiles() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

  const char* Name() const override { return "FaultFiles"; }

  // Every write, sync, creation, renaming and removal counts as one operation.
  std::uint64_t operations() const;
  // The operation with this number (from now, counting from 1) fails; with `stays` all after it
  // too.
  void fail_at(std::uint64_t operation, Fault fault, bool stays);
  void heal();

  // From operation `operation` on nothing reaches the disk any more.
  void cut_power_at(std::uint64_t operation);
  // After everything is closed: takes away what was not synced, as the dice fall; then heals.
  void lose_unsynced(std::mt19937_64& dice);

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomRWFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSRandomRWFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

  // For the files that this one hands out.
  rocksdb::IOStatus write(const std::string& name, const rocksdb::Slice& bytes,
                          const std::function<rocksdb::IOStatus(const rocksdb::Slice&)>& go_on);
  rocksdb::IOStatus overwrite(const std::string& name, const rocksdb::Slice& bytes,
                              const std::function<rocksdb::IOStatus(const rocksdb::Slice&)>& go_on);
  rocksdb::IOStatus sync(const std::string& name, const std::function<rocksdb::IOStatus()>& go_on);
  rocksdb::IOStatus sync_directory(const std::function<rocksdb::IOStatus()>& go_on);

 private:
  struct FileState {
    std::uint64_t size = 0;
    std::uint64_t synced = 0;
    // Contents of a file that is overwritten in place: as last synced, and each since.
    std::vector<std::string> contents;
  };
  using Undo = std::function<void()>;

  // Counts one operation; the fault that it meets, or OK.
  rocksdb::IOStatus meet(Fault* fault = nullptr);
  std::string content_of(const std::string& name) const;
  void on_power_loss(Undo undo);

  mutable std::mutex mutex_;
  std::uint64_t operations_ = 0;
  std::uint64_t fail_at_ = 0;
  Fault fault_ = Fault::kIoError;
  bool stays_ = false;
  std::map<std::string, FileState> files_;
  // What a directory's sync has not made durable yet: how to take each change back, oldest first.
  std::vector<Undo> unsynced_names_;
};

}  // namespace annals::journal
