#include "journal/table_guard.h"

#include <rocksdb/file_system.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace annals::journal {
namespace {

// RocksDB's block-based table, format version 5, checksums CRC-32C: what store.cc asks for.
constexpr std::size_t kFooterSize = 53;
constexpr std::size_t kTrailerSize = 5;  // of a block: compression type, checksum
constexpr std::size_t kMaxBlock = 1U << 20U;
constexpr char kCrc32c = 1;
constexpr std::string_view kVersionAndMagic{"\x05\0\0\0\xf7\xcf\xf4\x85\xb7\x41\xe2\x88", 12};
constexpr std::string_view kPropertiesKey = "rocksdb.properties";

constexpr std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0x82f63b78U : 0U);
    table.at(i) = crc;
  }
  return table;
}

// CRC-32C, masked as RocksDB stores it.
std::uint32_t masked_crc32c(std::string_view bytes) {
  static constexpr std::array<std::uint32_t, 256> kTable = crc_table();
  std::uint32_t crc = ~0U;
  for (const char c : bytes) {
    crc = kTable.at((crc ^ static_cast<unsigned char>(c)) & 0xffU) ^ (crc >> 8U);
  }
  crc = ~crc;
  return ((crc >> 15U) | (crc << 17U)) + 0xa282ead8U;
}

std::uint32_t little_endian_32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = (value << 8U) | static_cast<unsigned char>(bytes[i]);
  return value;
}

std::optional<std::uint64_t> take_varint(std::string_view& in) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
    if ((byte & 0x80U) == 0) return value;
  }
  return std::nullopt;
}

struct Handle {
  std::uint64_t offset;
  std::uint64_t size;
};

std::optional<Handle> take_handle(std::string_view& in) {
  const std::optional<std::uint64_t> offset = take_varint(in);
  const std::optional<std::uint64_t> size = take_varint(in);
  if (!offset || !size) return std::nullopt;
  return Handle{*offset, *size};
}

class Table {
 public:
  explicit Table(rocksdb::FSRandomAccessFile& file) : file_(&file) {}

  // Empty when the footer, the index of blocks beside the data and the properties are whole.
  std::string_view damage(std::uint64_t file_size) {
    if (file_size < kFooterSize) return "it is too short for a footer";
    const std::optional<std::string> footer = read(file_size - kFooterSize, kFooterSize);
    if (!footer) return "its footer cannot be read";
    std::string_view rest = *footer;
    if (rest.front() != kCrc32c || !rest.ends_with(kVersionAndMagic))
      return "its footer is damaged";
    rest.remove_prefix(1);
    const std::optional<Handle> beside = take_handle(rest);
    if (!beside || !take_handle(rest)) return "its footer is damaged";
    const std::optional<std::string> blocks = read_block(*beside);
    if (!blocks) return "its index of blocks is damaged";
    const std::optional<Handle> properties = find(*blocks);
    if (!properties || !read_block(*properties)) return "its properties are damaged";
    return {};
  }

 private:
  std::optional<std::string> read(std::uint64_t offset, std::size_t size) {
    std::string buffer(size, '\0');
    rocksdb::Slice result;
    const rocksdb::IOStatus status = file_->Read(offset, size, {}, &result, buffer.data(), nullptr);
    if (!status.ok() || result.size() != size) return std::nullopt;
    return result.ToString();
  }

  std::optional<std::string> read_block(const Handle& handle) {
    if (handle.size > kMaxBlock) return std::nullopt;
    std::optional<std::string> block = read(handle.offset, handle.size + kTrailerSize);
    if (!block) return std::nullopt;
    const std::uint32_t stored = little_endian_32(std::string_view(*block).substr(handle.size + 1));
    block->resize(handle.size + 1);  // the checksum covers the compression type too
    if (masked_crc32c(*block) != stored) return std::nullopt;
    return block;
  }

  // In a block of entries: shared and own length of the key, length of the value, key, value. The
  // blocks beside the data share no key bytes.
  static std::optional<Handle> find(std::string_view block) {
    while (!block.empty()) {
      const std::optional<std::uint64_t> shared = take_varint(block);
      const std::optional<std::uint64_t> own = take_varint(block);
      const std::optional<std::uint64_t> value = take_varint(block);
      if (!shared || !own || !value || *shared != 0 || *own + *value > block.size()) break;
      std::string_view handle = block.substr(*own, *value);
      if (block.substr(0, *own) == kPropertiesKey) return take_handle(handle);
      block.remove_prefix(*own + *value);
    }
    return std::nullopt;
  }

  rocksdb::FSRandomAccessFile* file_;
};

class TableGuard final : public rocksdb::FileSystemWrapper {
 public:
  explicit TableGuard(const std::shared_ptr<rocksdb::FileSystem>& files)
      : FileSystemWrapper(files) {}

  const char* Name() const override { return "AnnalsTableGuard"; }

  rocksdb::IOStatus NewRandomAccessFile(const std::string& name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus status = target()->NewRandomAccessFile(name, options, file, debug);
    if (!status.ok() || !name.ends_with(".sst")) return status;
    std::uint64_t size = 0;
    status = target()->GetFileSize(name, options.io_options, &size, debug);
    if (!status.ok()) return status;
    const std::string_view damage = Table(**file).damage(size);
    if (damage.empty()) return status;
    file->reset();
    return rocksdb::IOStatus::Corruption(name, damage);
  }
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> guard_tables(
    const std::shared_ptr<rocksdb::FileSystem>& files) {
  return std::make_shared<TableGuard>(files);
}

}  // namespace annals::journal
