#include "journal/store.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/file_system.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "journal/observers.h"
#include "journal/status.h"
#include "journal/table_guard.h"

namespace annals::journal {
namespace {

// All of this stays in memory. Reading is rare but for starts, which go through the files in order.
constexpr std::size_t kCacheBytes = 2U << 20U;
constexpr std::size_t kRecordsBuffer = 4U << 20U;
constexpr std::size_t kOtherBuffer = 1U << 20U;
// Of records: who reads one reads those beside it, and zstd begins anew with each block.
constexpr std::size_t kRecordsBlock = 16U << 10U;

rocksdb::DBOptions database_options(rocksdb::Env& env, Store::Mode mode) {
  rocksdb::DBOptions options;
  options.env = &env;
  options.create_if_missing = mode == Store::Mode::kCreate;
  options.create_missing_column_families = mode == Store::Mode::kCreate;
  // After a crash the log's last group may be torn: recover up to there. That it reaches as far
  // as HEAD says is for us to check, since damage further up looks the same to RocksDB.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // After ENOSPC or EIO nothing is tried again: what fsync once lost is lost.
  options.max_bgerror_resume_count = 0;
  options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  options.max_total_wal_size = 4 * kRecordsBuffer;
  options.max_manifest_file_size = 1U << 20U;  // HEAD carries its digest: keep it small
  options.max_background_jobs = 2;
  options.max_open_files = 256;
  options.max_file_opening_threads = 1;
  options.bytes_per_sync = 1U << 20U;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  // One thread writes.
  options.allow_concurrent_memtable_write = false;
  options.enable_write_thread_adaptive_yield = false;
  return options;
}

rocksdb::ColumnFamilyOptions family_options(Family family,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.format_version = 5;  // this and the checksum: what table_guard.cc knows
  table.checksum = rocksdb::kCRC32c;
  if (family == Family::kRecords) table.block_size = kRecordsBlock;
  const bool found_by_key = family == Family::kBlobs;
  if (found_by_key) table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10, false));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.write_buffer_size = family == Family::kRecords ? kRecordsBuffer : kOtherBuffer;
  options.arena_block_size = 64U << 10U;
  const bool compressed_by_us = family == Family::kBlobs || family == Family::kSnapshots;
  options.compression = compressed_by_us ? rocksdb::kNoCompression : rocksdb::kLZ4Compression;
  options.bottommost_compression = compressed_by_us ? rocksdb::kNoCompression : rocksdb::kZSTD;
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> descriptors() {
  const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(kCacheBytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  families.reserve(kFamilyNames.size());
  for (std::size_t i = 0; i < kFamilyNames.size(); ++i) {
    families.emplace_back(std::string(kFamilyNames.at(i)),
                          family_options(static_cast<Family>(i), cache));
  }
  return families;
}

// "/MANIFEST-000005" has 5.
std::uint64_t manifest_number(std::string_view name) {
  std::uint64_t number = 0;
  for (const char c : name.substr(name.find('-') + 1)) {
    if (c < '0' || c > '9') return 0;
    number = 10 * number + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

Result<std::string> read_file(rocksdb::Env& env, const std::string& path) {
  std::string bytes;
  const rocksdb::Status status = rocksdb::ReadFileToString(&env, path, &bytes);
  if (!status.ok()) return fail(to_error(status, path));
  return bytes;
}

// The name of the MANIFEST that CURRENT points to.
Result<std::string> current_manifest(rocksdb::Env& env, const std::string& directory) {
  Result<std::string> current = read_file(env, directory + "/CURRENT");
  if (!current) return current;
  return current->substr(0, current->find('\n'));
}

}  // namespace

std::shared_ptr<rocksdb::Env> Store::make_env(const std::shared_ptr<rocksdb::FileSystem>& files) {
  return rocksdb::NewCompositeEnv(guard_tables(files ? files : rocksdb::FileSystem::Default()));
}

Store::Store(std::shared_ptr<rocksdb::Env> env, std::string directory)
    : env_(std::move(env)),
      directory_(std::move(directory)),
      observers_(std::make_unique<Observers>()) {}

Result<std::shared_ptr<Store>> Store::open(std::shared_ptr<rocksdb::Env> env,
                                           const std::string& directory, Mode mode) {
  std::shared_ptr<Store> store(new Store(std::move(env), directory));
  rocksdb::DBOptions options = database_options(*store->env_, mode);
  options.info_log = Observers::make_logger(*store->observers_);
  options.listeners = {Observers::make_listener(*store->observers_)};
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      mode == Mode::kReadOnly
          ? rocksdb::DB::OpenForReadOnly(options, directory, descriptors(), &families, &db)
          : rocksdb::DB::Open(options, directory, descriptors(), &families, &db);
  if (!status.ok()) {
    Error error = to_error(status, directory);
    // A file that another one names is part of the journal: without it, it is damaged.
    if (mode != Mode::kCreate && status.IsPathNotFound()) error.code = Errc::kCorrupt;
    return fail(std::move(error));
  }
  store->db_.reset(db);
  std::ranges::copy(families, store->families_.begin());
  return store;
}

Store::~Store() {
  for (rocksdb::ColumnFamilyHandle* family : families_) {
    if (family != nullptr) db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  }
}

Result<std::string> Store::get(Family family, std::string_view key, std::string_view what) const {
  std::string value;
  const rocksdb::Status status = db_->Get({}, this->family(family), key, &value);
  // Asking for what is absent is ordinary and must stay cheap.
  if (status.IsNotFound()) return fail(Errc::kNotFound, what, " is not in ", directory_);
  if (!status.ok()) return fail(to_error(status, concat(what, " in ", file_of(family, key))));
  return value;
}

Result<std::optional<std::string>> Store::last_key(Family family) const {
  const std::unique_ptr<rocksdb::Iterator> last(db_->NewIterator({}, this->family(family)));
  last->SeekToLast();
  if (!last->status().ok()) return fail(to_error(last->status(), directory_));
  if (!last->Valid()) return std::nullopt;
  return last->key().ToString();
}

Result<ManifestPrefix> Store::manifest() const {
  std::vector<std::string> files;
  ManifestPrefix prefix;
  const rocksdb::Status status = db_->GetLiveFiles(files, &prefix.size, false);
  if (!status.ok()) return fail(to_error(status, directory_));
  for (const std::string& file : files) {
    if (!file.starts_with("/MANIFEST-")) continue;
    prefix.number = manifest_number(file);
    Result<std::string> bytes = read_file(*env_, directory_ + file);
    if (!bytes) return fail(std::move(bytes).error());
    prefix.digest = sha256(std::string_view(*bytes).substr(0, prefix.size));
  }
  return prefix;
}

Result<void> Store::check_manifest(const ManifestPrefix& expected) const {
  Result<std::string> name = current_manifest(*env_, directory_);
  if (!name) return fail(std::move(name).error());
  const std::uint64_t number = manifest_number(*name);
  // RocksDB starts a new MANIFEST at each open; a crash right then leaves HEAD with the old one.
  if (number > expected.number) return {};
  const std::string path = concat(directory_, "/", *name);
  if (number < expected.number) {
    return fail(Errc::kCorrupt, path, " is older than HEAD says");
  }
  Result<std::string> bytes = read_file(*env_, path);
  if (!bytes) return fail(std::move(bytes).error());
  if (bytes->size() < expected.size) {
    return fail(Errc::kCorrupt, path, " has ", bytes->size(), " bytes of ", expected.size);
  }
  if (sha256(std::string_view(*bytes).substr(0, expected.size)) != expected.digest) {
    return fail(Errc::kCorrupt, path, " is damaged in its first ", expected.size, " bytes");
  }
  return {};
}

std::string Store::file_of(Family family, std::string_view key) const {
  std::vector<rocksdb::LiveFileMetaData> tables;
  db_->GetLiveFilesMetaData(&tables);
  for (const rocksdb::LiveFileMetaData& table : tables) {
    if (table.column_family_name != kFamilyNames.at(static_cast<std::size_t>(family))) continue;
    if (key >= table.smallestkey && key <= table.largestkey) return directory_ + table.name;
  }
  std::vector<std::string> names;
  if (!env_->GetChildren(directory_, &names).ok()) return directory_;
  std::erase_if(names, [](const std::string& name) { return !name.ends_with(".log"); });
  if (names.empty()) return directory_;
  return concat(directory_, "/", *std::ranges::max_element(names));
}

Result<ManifestPrefix> manifest_on_disk(rocksdb::Env& env, const std::string& directory) {
  Result<std::string> name = current_manifest(env, directory);
  if (!name) return fail(std::move(name).error());
  Result<std::string> bytes = read_file(env, concat(directory, "/", *name));
  if (!bytes) return fail(std::move(bytes).error());
  return ManifestPrefix{manifest_number(*name), bytes->size(), sha256(*bytes)};
}

std::string Store::damage() const {
  const std::lock_guard lock(observers_->mutex);
  return observers_->damage;
}

std::uint64_t Store::writes() const { return db_->GetLatestSequenceNumber(); }

bool Store::files_changed() { return observers_->files_changed.exchange(false); }

std::optional<Error> Store::background_error() const {
  const std::lock_guard lock(observers_->mutex);
  return observers_->background_error;
}

}  // namespace annals::journal
