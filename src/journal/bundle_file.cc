#include "journal/bundle_file.h"

#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/assert.h"
#include "journal/bytes.h"

namespace annals::journal {
namespace {

constexpr std::string_view kBundleMagic{"ANNALS\0B", 8};
constexpr std::uint32_t kBundleVersion = 1;
constexpr int kBundleLevel = 9;
constexpr std::size_t kMaxItem = 128U << 20U;
constexpr std::size_t kItemHeader = 5;  // type, length
constexpr std::size_t kChunk = 64U << 10U;

std::unexpected<Error> failed(std::string_view file, std::string_view what) {
  return fail(Errc::kUnavailable, file, ": ", what, ": ", std::generic_category().message(errno));
}

std::string header_of(Item item, std::size_t size) {
  return Encoder().u8(static_cast<std::uint8_t>(item)).u32(static_cast<std::uint32_t>(size)).take();
}

class File {
 public:
  File(std::string path, int flags)
      : path_(std::move(path)), descriptor_(::open(path_.c_str(), flags | O_CLOEXEC, 0600)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (is_open()) ::close(descriptor_);
  }

  bool is_open() const { return descriptor_ >= 0; }
  const std::string& path() const { return path_; }
  int descriptor() const { return descriptor_; }

  Result<void> write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0) return failed(path_, "write");
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }
  // At most `size` bytes; none at the end.
  Result<std::string> read(std::size_t size) const {
    std::string bytes(std::min(size, kChunk), '\0');
    const ssize_t got = ::read(descriptor_, bytes.data(), bytes.size());
    if (got < 0) return failed(path_, "read");
    bytes.resize(static_cast<std::size_t>(got));
    return bytes;
  }

 private:
  std::string path_;
  int descriptor_;
};

}  // namespace

struct BundleWriter::Stream {
  explicit Stream(const std::string& path) : file(path, O_CREAT | O_EXCL | O_WRONLY) {}
  ~Stream() { ZSTD_freeCCtx(context); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  Result<void> write(std::string_view bytes) {
    digest.update(bytes);
    return file.write(bytes);
  }

  File file;
  ZSTD_CCtx* context = ZSTD_createCCtx();
  Sha256 digest;
  bool finished = false;
};

BundleWriter::BundleWriter(std::unique_ptr<Stream> stream) : stream_(std::move(stream)) {}

BundleWriter::~BundleWriter() {
  if (!stream_->finished) ::unlink(stream_->file.path().c_str());
}

Result<std::unique_ptr<BundleWriter>> BundleWriter::create(const std::string& file) {
  auto stream = std::make_unique<Stream>(file);
  if (!stream->file.is_open()) return failed(file, "create");
  ZSTD_CCtx_setParameter(stream->context, ZSTD_c_compressionLevel, kBundleLevel);
  std::unique_ptr<BundleWriter> writer(new BundleWriter(std::move(stream)));
  Result<void> begun =
      writer->stream_->write(Encoder().raw(kBundleMagic).u32(kBundleVersion).view());
  if (!begun) return fail(std::move(begun).error());
  return writer;
}

Result<void> BundleWriter::compress(std::string_view bytes, bool last) {
  std::string buffer(kChunk, '\0');
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  const ZSTD_EndDirective directive = last ? ZSTD_e_end : ZSTD_e_continue;
  while (true) {
    ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
    const std::size_t left = ZSTD_compressStream2(stream_->context, &out, &in, directive);
    ANNALS_ASSERT(ZSTD_isError(left) == 0, ZSTD_getErrorName(left));
    Result<void> written = stream_->write({buffer.data(), out.pos});
    if (!written) return written;
    if (last ? left == 0 : in.pos == in.size) return {};
  }
}

Result<void> BundleWriter::add(Item item, std::string_view bytes) {
  ANNALS_ASSERT(bytes.size() <= kMaxItem, "an item of ", bytes.size(), " bytes");
  Result<void> written = compress(header_of(item, bytes.size()), false);
  if (written) written = compress(bytes, false);
  return written;
}

Result<void> BundleWriter::finish() {
  Result<void> written = compress(header_of(Item::kEnd, 0), true);
  if (written) written = stream_->file.write(stream_->digest.finish().view());
  if (!written) return written;
  if (::fsync(stream_->file.descriptor()) != 0) return failed(stream_->file.path(), "fsync");
  stream_->finished = true;
  return {};
}

struct BundleReader::Stream {
  explicit Stream(const std::string& path) : file(path, O_RDONLY) {}
  ~Stream() { ZSTD_freeDCtx(context); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  File file;
  ZSTD_DCtx* context = ZSTD_createDCtx();
  std::string compressed;
  std::string plain;
  std::size_t taken = 0;  // of plain
};

namespace {

// Whether the file ends with the digest of all before; leaves the position at the beginning.
Result<void> check_digest(const File& file) {
  const off_t size = ::lseek(file.descriptor(), 0, SEEK_END);
  std::size_t left = size < 0 ? 0 : static_cast<std::size_t>(size);
  if (left < sizeof(Digest)) return fail(Errc::kCorrupt, file.path(), " is not a bundle");
  if (::lseek(file.descriptor(), 0, SEEK_SET) != 0) return failed(file.path(), "seek");
  Sha256 digest;
  for (left -= sizeof(Digest); left > 0;) {
    Result<std::string> bytes = file.read(left);
    if (!bytes) return fail(std::move(bytes).error());
    if (bytes->empty()) return fail(Errc::kCorrupt, file.path(), " is truncated");
    digest.update(*bytes);
    left -= bytes->size();
  }
  Result<std::string> expected = file.read(sizeof(Digest));
  if (!expected) return fail(std::move(expected).error());
  if (*expected != digest.finish().view()) {
    return fail(Errc::kCorrupt, file.path(), ": its content fails its checksum");
  }
  if (::lseek(file.descriptor(), 0, SEEK_SET) != 0) return failed(file.path(), "seek");
  return {};
}

Result<void> check_begin(const File& file) {
  Result<std::string> begin = file.read(kBundleMagic.size() + 4);
  if (!begin) return fail(std::move(begin).error());
  Decoder in(*begin);
  if (in.raw(kBundleMagic.size()) != kBundleMagic)
    return fail(Errc::kCorrupt, file.path(), " is not a bundle");
  const std::uint32_t version = in.u32();
  if (version == kBundleVersion) return {};
  return fail(Errc::kInvalid, file.path(), ": the bundle has format ", version,
              ", this program reads format ", kBundleVersion);
}

}  // namespace

BundleReader::BundleReader(std::unique_ptr<Stream> stream) : stream_(std::move(stream)) {}
BundleReader::~BundleReader() = default;

Result<std::unique_ptr<BundleReader>> BundleReader::open(const std::string& file) {
  auto stream = std::make_unique<Stream>(file);
  if (!stream->file.is_open()) {
    if (errno == ENOENT) return fail(Errc::kNotFound, file, " does not exist");
    return failed(file, "open");
  }
  Result<void> checked = check_digest(stream->file);
  if (checked) checked = check_begin(stream->file);
  if (!checked) return fail(std::move(checked).error());
  return std::unique_ptr<BundleReader>(new BundleReader(std::move(stream)));
}

// The next `size` bytes of the decompressed stream.
Result<std::string> BundleReader::take(std::size_t size) {
  Stream& stream = *stream_;
  std::string buffer(kChunk, '\0');
  while (stream.plain.size() - stream.taken < size) {
    stream.plain.erase(0, std::exchange(stream.taken, 0));
    if (stream.compressed.empty()) {
      Result<std::string> more = stream.file.read(kChunk);
      if (!more) return more;
      if (more->empty()) return fail(Errc::kCorrupt, stream.file.path(), " is truncated");
      stream.compressed = std::move(*more);
    }
    ZSTD_inBuffer in{stream.compressed.data(), stream.compressed.size(), 0};
    ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
    const std::size_t left = ZSTD_decompressStream(stream.context, &out, &in);
    if (ZSTD_isError(left) != 0) {
      return fail(Errc::kCorrupt, stream.file.path(), ": ", ZSTD_getErrorName(left));
    }
    stream.compressed.erase(0, in.pos);
    stream.plain.append(buffer.data(), out.pos);
  }
  std::string bytes = stream.plain.substr(stream.taken, size);
  stream.taken += size;
  return bytes;
}

Result<BundleReader::Next> BundleReader::next() {
  Result<std::string> header = take(kItemHeader);
  if (!header) return fail(std::move(header).error());
  Decoder in(*header);
  const auto item = static_cast<Item>(in.u8());
  const std::size_t size = in.u32();
  if (size > kMaxItem) {
    return fail(Errc::kCorrupt, stream_->file.path(), ": an item of ", size, " bytes");
  }
  Result<std::string> bytes = take(size);
  if (!bytes) return fail(std::move(bytes).error());
  return Next{item, std::move(*bytes)};
}

}  // namespace annals::journal
