#include "journal/journal.h"

#include <rocksdb/db.h>
#include <rocksdb/utilities/checkpoint.h>

#include <future>
#include <random>
#include <utility>

#include "base/assert.h"
#include "journal/head.h"
#include "journal/lock_id.h"
#include "journal/status.h"
#include "journal/store.h"

namespace annals::journal {
namespace {

// Only tells journals apart; it is no secret.
std::string draw_journal_id() {
  std::random_device device;
  std::string id;
  while (id.size() < kJournalIdSize) id += static_cast<char>(device() & 0xffU);
  return id;
}

// The new directory's name must survive a power loss as well.
rocksdb::Status sync_parent(rocksdb::Env& env, std::string_view directory) {
  while (directory.size() > 1 && directory.ends_with('/')) directory.remove_suffix(1);
  const std::size_t slash = directory.rfind('/');
  std::string parent = ".";
  if (slash == 0) parent = "/";
  if (slash != std::string_view::npos && slash > 0) parent = directory.substr(0, slash);
  std::unique_ptr<rocksdb::Directory> folder;
  const rocksdb::Status status = env.NewDirectory(parent, &folder);
  return status.ok() ? folder->Fsync() : status;
}

// HEAD comes first: a directory with files of RocksDB and no HEAD is one that lost it.
Result<void> create(const std::shared_ptr<rocksdb::Env>& env, const std::string& directory) {
  rocksdb::Status status = env->CreateDirIfMissing(directory);
  if (status.ok()) status = sync_parent(*env, directory);
  if (!status.ok()) return fail(to_error(status, directory));
  if (env->FileExists(directory + "/CURRENT").ok()) {
    return fail(Errc::kCorrupt, head_path(directory), " is missing beside a database");
  }
  Head head;
  head.journal_id = draw_journal_id();
  head.hash = genesis(head.journal_id);
  return HeadFile::create(*env, directory, head);
}

Result<void> check_anchor(const Reader& reader, const Anchor& anchor) {
  Result<std::optional<Sequence>> first = reader.first();
  if (!first) return fail(std::move(first).error());
  if (*first && anchor.seq < **first) return {};  // retention has passed it
  Result<Record> record = reader.read(anchor.seq);
  if (record && record->hash == anchor.hash) return {};
  if (!record && record.error().code != Errc::kNotFound) return fail(std::move(record).error());
  return fail(Errc::kCorrupt, reader.store().directory(), record ? " has another" : " ends before",
              " record ", anchor.seq, ": it is an older copy, or not the same journal");
}

// Looks before it touches: opening for writing makes RocksDB rewrite its log, and what the log
// still shows of damage would be gone.
Result<void> inspect(const std::string& directory, const Options& options) {
  Result<std::unique_ptr<Reader>> reader = Reader::open(directory, options.files);
  if (!reader) return fail(std::move(reader).error());
  if ((*reader)->is_excerpt()) {
    return fail(Errc::kInvalid, directory, " is an imported bundle: it is not appended to");
  }
  if (!options.anchor) return {};
  return check_anchor(**reader, *options.anchor);
}

struct End {
  Head head;
  Timestamp time;
};

// The true end: HEAD may be behind.
Result<End> find_end(const Store& store, const Reader& reader, Head head) {
  End end{std::move(head), Timestamp{}};
  Result<std::optional<Sequence>> last = reader.last();
  if (!last) return fail(std::move(last).error());
  if (*last) {
    Result<Record> record = reader.read(**last);
    if (!record) return fail(std::move(record).error());
    end.head.seq = record->seq;
    end.head.hash = record->hash;
    end.time = record->time;
  }
  end.head.writes = store.writes();
  Result<ManifestPrefix> manifest = store.manifest();
  if (!manifest) return fail(std::move(manifest).error());
  end.head.manifest = *manifest;
  return end;
}

Result<std::unique_ptr<HeadFile>> open_head(const Store& store, const Head& head) {
  Result<std::unique_ptr<HeadFile>> file = HeadFile::open(store.env(), store.directory());
  if (!file) return file;
  Result<void> written = (*file)->write(head);
  if (written) written = (*file)->sync();
  if (!written) return fail(std::move(written).error());
  return file;
}

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(Options options) {
  ANNALS_ASSERT(options.clock != nullptr, "a journal needs a clock");
  const std::string directory = options.directory;
  const std::string doing = concat("open the journal in ", directory);
  const std::shared_ptr<rocksdb::Env> env = Store::make_env(options.files);
  Result<Head> head = read_head(*env, directory);
  if (!head && head.error().code == Errc::kNotFound) {
    Result<void> created = create(env, directory);
    if (!created) return fail(std::move(created).error().while_doing(doing));
    head = read_head(*env, directory);
  }
  if (!head) return fail(std::move(head).error().while_doing(doing));
  // A head that knows no MANIFEST was written before RocksDB's first file.
  const bool fresh = head->manifest.number == 0;
  if (!fresh || options.anchor) {
    Result<void> inspected = inspect(directory, options);
    if (!inspected) return fail(std::move(inspected).error().while_doing(doing));
  }
  Result<std::shared_ptr<Store>> store =
      Store::open(env, directory, fresh ? Store::Mode::kCreate : Store::Mode::kReadWrite);
  if (!store) return fail(std::move(store).error().while_doing(doing));
  auto reader = std::make_unique<Reader>(*store, *head);
  Result<End> end = find_end(**store, *reader, std::move(*head));
  if (!end) return fail(std::move(end).error().while_doing(doing));
  Result<std::unique_ptr<HeadFile>> head_file = open_head(**store, end->head);
  if (!head_file) return fail(std::move(head_file).error().while_doing(doing));
  Writer::Options writing{options.clock, options.max_pending_bytes, std::move(options.on_failure)};
  auto writer = std::make_unique<Writer>(*store, std::move(*head_file), std::move(end->head),
                                         end->time, std::move(writing));
  return std::unique_ptr<Journal>(
      new Journal(std::move(*store), std::move(reader), std::move(writer)));
}

Journal::Journal(std::shared_ptr<Store> store, std::unique_ptr<Reader> reader,
                 std::unique_ptr<Writer> writer)
    : store_(std::move(store)), reader_(std::move(reader)), writer_(std::move(writer)) {}
Journal::~Journal() = default;

std::string Journal::lock_id() const {
  return journal::lock_id(store_->directory(), reader_->journal_id());
}

Result<void> Journal::append(Batch batch, Appended done) {
  Result<void> checked = check(batch);
  if (!checked) return checked;
  return writer_->append(std::move(batch), {}, std::move(done));
}

Result<std::vector<Record>> Journal::append_and_wait(Batch batch) {
  return append_edits(std::move(batch), {});
}

Result<std::vector<Record>> Journal::append_edits(Batch batch, std::vector<Edit> edits) {
  Result<void> checked = check(batch);
  if (!checked) return fail(std::move(checked).error());
  std::promise<Result<std::vector<Record>>> promise;
  std::future<Result<std::vector<Record>>> appended = promise.get_future();
  Result<void> queued =
      writer_->append(std::move(batch), std::move(edits),
                      [&promise](auto result) { promise.set_value(std::move(result)); });
  if (!queued) return fail(std::move(queued).error());
  return appended.get();
}

Result<void> Journal::checkpoint(const std::string& directory) const {
  // What is durable now is in the copy; what comes meanwhile may be.
  Head head = writer_->head();
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(&store_->db(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok()) status = checkpoint->CreateCheckpoint(directory);
  if (!status.ok()) return fail(to_error(status, concat("checkpoint to ", directory)));
  Result<ManifestPrefix> manifest = manifest_on_disk(store_->env(), directory);
  if (!manifest) return fail(std::move(manifest).error().while_doing("checkpoint"));
  head.manifest = *manifest;
  Result<void> written = HeadFile::create(store_->env(), directory, head);
  if (!written) return fail(std::move(written).error().while_doing("checkpoint"));
  return {};
}

}  // namespace annals::journal
