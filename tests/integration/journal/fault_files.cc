#include "tests/integration/journal/fault_files.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <utility>

namespace annals::journal {
namespace {

namespace fs = std::filesystem;
using rocksdb::IOStatus;
using rocksdb::Slice;

void restore(const std::string& name, const std::string& content) {
  std::ofstream(name, std::ios::binary | std::ios::trunc)
      .write(content.data(), static_cast<std::streamsize>(content.size()));
}

class FaultWritable final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultWritable(FaultFiles& files, std::string name, std::unique_ptr<FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)), files_(&files), name_(std::move(name)) {}

  IOStatus Append(const Slice& bytes, const rocksdb::IOOptions& options,
                  rocksdb::IODebugContext* debug) override {
    return files_->write(name_, bytes,
                         [&](const Slice& some) { return target()->Append(some, options, debug); });
  }
  IOStatus Append(const Slice& bytes, const rocksdb::IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*info*/,
                  rocksdb::IODebugContext* debug) override {
    return Append(bytes, options, debug);
  }
  IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    return files_->sync(name_, [&] { return target()->Sync(options, debug); });
  }
  IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    return files_->sync(name_, [&] { return target()->Fsync(options, debug); });
  }

 private:
  FaultFiles* files_;
  std::string name_;
};

class FaultRandomRW final : public rocksdb::FSRandomRWFileOwnerWrapper {
 public:
  FaultRandomRW(FaultFiles& files, std::string name, std::unique_ptr<FSRandomRWFile> file)
      : FSRandomRWFileOwnerWrapper(std::move(file)), files_(&files), name_(std::move(name)) {}

  IOStatus Write(std::uint64_t offset, const Slice& bytes, const rocksdb::IOOptions& options,
                 rocksdb::IODebugContext* debug) override {
    return files_->overwrite(name_, bytes, [&](const Slice& all) {
      return target()->Write(offset, all, options, debug);
    });
  }
  IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    return files_->sync(name_, [&] { return target()->Sync(options, debug); });
  }

 private:
  FaultFiles* files_;
  std::string name_;
};

class FaultDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  FaultDirectory(FaultFiles& files, std::unique_ptr<FSDirectory> directory)
      : FSDirectoryWrapper(std::move(directory)), files_(&files) {}

  IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
    return files_->sync_directory([&] { return FSDirectoryWrapper::Fsync(options, debug); });
  }
  IOStatus FsyncWithDirOptions(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& which) override {
    return files_->sync_directory(
        [&] { return FSDirectoryWrapper::FsyncWithDirOptions(options, debug, which); });
  }

 private:
  FaultFiles* files_;
};

}  // namespace

std::uint64_t FaultFiles::operations() const {
  const std::lock_guard lock(mutex_);
  return operations_;
}

void FaultFiles::fail_at(std::uint64_t operation, Fault fault, bool stays) {
  const std::lock_guard lock(mutex_);
  fail_at_ = operations_ + operation;
  fault_ = fault;
  stays_ = stays;
}

void FaultFiles::heal() {
  const std::lock_guard lock(mutex_);
  fail_at_ = 0;
}

void FaultFiles::cut_power_at(std::uint64_t operation) {
  fail_at(operation, Fault::kIoError, true);
}

void FaultFiles::lose_unsynced(std::mt19937_64& dice) {
  const std::lock_guard lock(mutex_);
  const auto up_to = [&dice](std::uint64_t most) {
    return std::uniform_int_distribution<std::uint64_t>(0, most)(dice);
  };
  for (const auto& [name, file] : files_) {
    if (!fs::exists(name)) continue;
    if (!file.contents.empty()) {
      restore(name, file.contents.at(up_to(file.contents.size() - 1)));
    } else if (file.size > file.synced) {
      fs::resize_file(name, file.synced + up_to(file.size - file.synced));
    }
  }
  // Changes of names reach the disk in their order; the last ones are lost.
  const std::size_t kept = up_to(unsynced_names_.size());
  while (unsynced_names_.size() > kept) {
    unsynced_names_.back()();
    unsynced_names_.pop_back();
  }
  unsynced_names_.clear();
  files_.clear();
  fail_at_ = 0;
}

IOStatus FaultFiles::meet(Fault* fault) {
  const std::lock_guard lock(mutex_);
  ++operations_;
  if (fail_at_ == 0 || operations_ < fail_at_ || (operations_ > fail_at_ && !stays_)) {
    return IOStatus::OK();
  }
  if (fault != nullptr) *fault = fault_;
  return fault_ == Fault::kNoSpace ? IOStatus::NoSpace("injected") : IOStatus::IOError("injected");
}

std::string FaultFiles::content_of(const std::string& name) const {
  std::ifstream in(name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void FaultFiles::on_power_loss(Undo undo) {
  const std::lock_guard lock(mutex_);
  unsynced_names_.push_back(std::move(undo));
}

IOStatus FaultFiles::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                     std::unique_ptr<rocksdb::FSWritableFile>* file,
                                     rocksdb::IODebugContext* debug) {
  IOStatus status = meet();
  if (status.ok()) status = target()->NewWritableFile(name, options, file, debug);
  if (!status.ok()) return status;
  on_power_loss([name] { fs::remove(name); });
  {
    const std::lock_guard lock(mutex_);
    files_[name] = {};
  }
  *file = std::make_unique<FaultWritable>(*this, name, std::move(*file));
  return status;
}

IOStatus FaultFiles::NewRandomRWFile(const std::string& name, const rocksdb::FileOptions& options,
                                     std::unique_ptr<rocksdb::FSRandomRWFile>* file,
                                     rocksdb::IODebugContext* debug) {
  IOStatus status = meet();
  if (status.ok()) status = target()->NewRandomRWFile(name, options, file, debug);
  if (!status.ok()) return status;
  {
    const std::lock_guard lock(mutex_);
    files_[name].contents = {content_of(name)};
  }
  *file = std::make_unique<FaultRandomRW>(*this, name, std::move(*file));
  return status;
}

IOStatus FaultFiles::NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                  std::unique_ptr<rocksdb::FSDirectory>* directory,
                                  rocksdb::IODebugContext* debug) {
  IOStatus status = target()->NewDirectory(name, options, directory, debug);
  if (status.ok()) *directory = std::make_unique<FaultDirectory>(*this, std::move(*directory));
  return status;
}

IOStatus FaultFiles::RenameFile(const std::string& from, const std::string& to,
                                const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) {
  IOStatus status = meet();
  const bool replaces = fs::exists(to);
  const std::string replaced = replaces ? content_of(to) : std::string();
  const std::string moved = content_of(from);
  if (status.ok()) status = target()->RenameFile(from, to, options, debug);
  if (!status.ok()) return status;
  on_power_loss([from, to, replaces, replaced, moved] {
    restore(from, moved);
    if (replaces) {
      restore(to, replaced);
    } else {
      fs::remove(to);
    }
  });
  const std::lock_guard lock(mutex_);
  files_[to] = std::exchange(files_[from], {});
  files_.erase(from);
  return status;
}

IOStatus FaultFiles::DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                                rocksdb::IODebugContext* debug) {
  IOStatus status = meet();
  const std::string content = content_of(name);
  if (status.ok()) status = target()->DeleteFile(name, options, debug);
  if (status.ok()) on_power_loss([name, content] { restore(name, content); });
  return status;
}

IOStatus FaultFiles::write(const std::string& name, const Slice& bytes,
                           const std::function<IOStatus(const Slice&)>& go_on) {
  Fault fault = Fault::kIoError;
  const IOStatus met = meet(&fault);
  std::size_t size = bytes.size();
  if (!met.ok()) size = fault == Fault::kTornWrite ? size / 2 : 0;
  IOStatus status = size > 0 ? go_on(Slice(bytes.data(), size)) : IOStatus::OK();
  const std::lock_guard lock(mutex_);
  if (status.ok()) files_[name].size += size;
  return met.ok() ? status : met;
}

IOStatus FaultFiles::overwrite(const std::string& name, const Slice& bytes,
                               const std::function<IOStatus(const Slice&)>& go_on) {
  IOStatus status = meet();
  if (status.ok()) status = go_on(bytes);
  const std::lock_guard lock(mutex_);
  if (status.ok()) files_[name].contents.push_back(bytes.ToString());
  return status;
}

IOStatus FaultFiles::sync(const std::string& name, const std::function<IOStatus()>& go_on) {
  IOStatus status = meet();
  if (status.ok()) status = go_on();
  const std::lock_guard lock(mutex_);
  FileState& file = files_[name];
  if (!status.ok()) return status;
  file.synced = file.size;
  if (!file.contents.empty()) file.contents = {file.contents.back()};
  return status;
}

IOStatus FaultFiles::sync_directory(const std::function<IOStatus()>& go_on) {
  IOStatus status = meet();
  if (status.ok()) status = go_on();
  const std::lock_guard lock(mutex_);
  if (status.ok()) unsynced_names_.clear();
  return status;
}

}  // namespace annals::journal
