#include "journal/head.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <algorithm>

#include "journal/bytes.h"
#include "journal/layout.h"
#include "journal/status.h"

namespace annals::journal {
namespace {

constexpr std::string_view kHeadMagic{"ANNALS\0J", 8};
constexpr std::uint32_t kExcerptFlag = 1;
constexpr std::size_t kHeadSize = 160;

std::string content_of(const Head& head) {
  ANNALS_ASSERT(head.journal_id.size() == kJournalIdSize, "journal id of another size");
  return Encoder()
      .raw(kHeadMagic)
      .u32(kFormatVersion)
      .u32(head.excerpt ? kExcerptFlag : 0)
      .raw(head.journal_id)
      .u64(head.seq.value())
      .digest(head.hash)
      .u64(head.writes)
      .u64(head.manifest.number)
      .u64(head.manifest.size)
      .digest(head.manifest.digest)
      .take();
}

Result<void> write_durably(rocksdb::FileSystem& files, const std::string& path,
                           std::string_view bytes) {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  rocksdb::IOStatus status = files.NewWritableFile(path, {}, &file, nullptr);
  if (status.ok()) status = file->Append(bytes, {}, nullptr);
  if (status.ok()) status = file->Fsync({}, nullptr);
  if (status.ok()) status = file->Close({}, nullptr);
  if (!status.ok()) return fail(to_error(status, path));
  return {};
}

}  // namespace

std::string encode(const Head& head) {
  const std::string content = content_of(head);
  std::string bytes = Encoder().raw(content).digest(sha256(content)).take();
  ANNALS_ASSERT(bytes.size() == kHeadSize, "HEAD of ", bytes.size(), " bytes");
  return bytes;
}

// Every version keeps the magic, the version and the checksum over all before it at the end.
Result<Head> decode_head(std::string_view bytes) {
  constexpr std::size_t kChecksumSize = sizeof(Digest);
  Decoder in(bytes);
  if (in.raw(kHeadMagic.size()) != kHeadMagic) {
    return fail(Errc::kCorrupt, "not a journal, or its first bytes are damaged");
  }
  const std::string_view content =
      bytes.substr(0, std::max(bytes.size(), kChecksumSize) - kChecksumSize);
  if (sha256(content).view() != bytes.substr(content.size())) {
    return fail(Errc::kCorrupt, "it is damaged: its ", bytes.size(), " bytes fail their checksum");
  }
  const std::uint32_t version = in.u32();
  if (version != kFormatVersion) {
    return fail(Errc::kInvalid, "the journal has format ", version, ", this program reads format ",
                kFormatVersion, version > kFormatVersion ? "; a newer one wrote it" : "");
  }
  Head head;
  head.excerpt = (in.u32() & kExcerptFlag) != 0;
  head.journal_id = in.raw(kJournalIdSize);
  head.seq = Sequence(in.u64());
  head.hash = in.digest();
  head.writes = in.u64();
  head.manifest.number = in.u64();
  head.manifest.size = in.u64();
  head.manifest.digest = in.digest();
  if (!in.ok() || in.rest().size() != kChecksumSize) {
    return fail(Errc::kCorrupt, "it has ", bytes.size(), " bytes, not ", kHeadSize);
  }
  return head;
}

Result<Head> read_head(rocksdb::Env& env, const std::string& directory) {
  const std::string path = head_path(directory);
  if (env.FileExists(path).IsNotFound()) {
    return fail(Errc::kNotFound, path, " does not exist");
  }
  std::string bytes;
  const rocksdb::Status status = rocksdb::ReadFileToString(&env, path, &bytes);
  if (!status.ok()) return fail(to_error(status, path));
  Result<Head> head = decode_head(bytes);
  if (!head) return fail(std::move(head).error().while_doing(path));
  return head;
}

Result<void> HeadFile::create(rocksdb::Env& env, const std::string& directory, const Head& head) {
  rocksdb::FileSystem& files = *env.GetFileSystem();
  const std::string path = head_path(directory);
  const std::string fresh = path + ".new";
  Result<void> written = write_durably(files, fresh, encode(head));
  if (!written) return written;
  rocksdb::IOStatus status = files.RenameFile(fresh, path, {}, nullptr);
  std::unique_ptr<rocksdb::FSDirectory> folder;
  if (status.ok()) status = files.NewDirectory(directory, {}, &folder, nullptr);
  if (status.ok()) status = folder->Fsync({}, nullptr);
  if (!status.ok()) return fail(to_error(status, path));
  return {};
}

Result<std::unique_ptr<HeadFile>> HeadFile::open(rocksdb::Env& env, const std::string& directory) {
  const std::string path = head_path(directory);
  std::unique_ptr<rocksdb::FSRandomRWFile> file;
  const rocksdb::IOStatus status = env.GetFileSystem()->NewRandomRWFile(path, {}, &file, nullptr);
  if (!status.ok()) return fail(to_error(status, path));
  return std::make_unique<HeadFile>(std::move(file));
}

HeadFile::HeadFile(std::unique_ptr<rocksdb::FSRandomRWFile> file) : file_(std::move(file)) {}
HeadFile::~HeadFile() = default;

Result<void> HeadFile::write(const Head& head) {
  const rocksdb::IOStatus status = file_->Write(0, encode(head), {}, nullptr);
  if (!status.ok()) return fail(to_error(status, "HEAD"));
  return {};
}

Result<void> HeadFile::sync() {
  const rocksdb::IOStatus status = file_->Sync({}, nullptr);
  if (!status.ok()) return fail(to_error(status, "HEAD"));
  return {};
}

}  // namespace annals::journal
