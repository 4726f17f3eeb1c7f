#include "journal/content.h"

#include <zstd.h>

#include "journal/bytes.h"

namespace annals::journal {
namespace {

constexpr std::uint8_t kPackedVersion = 1;
constexpr int kContentLevel = 3;

}  // namespace

std::string pack(std::string_view content) {
  std::string compressed(ZSTD_compressBound(content.size()), '\0');
  const std::size_t size = ZSTD_compress(compressed.data(), compressed.size(), content.data(),
                                         content.size(), kContentLevel);
  ANNALS_ASSERT(ZSTD_isError(size) == 0, ZSTD_getErrorName(size));
  compressed.resize(size);
  const auto content_size = static_cast<std::uint32_t>(content.size());
  return Encoder().u8(kPackedVersion).u32(content_size).raw(compressed).take();
}

Result<std::string> unpack(std::string_view packed, std::size_t max_size) {
  Decoder in(packed);
  const std::uint8_t version = in.u8();
  const std::size_t size = in.u32();
  if (!in.ok() || version != kPackedVersion || size > max_size) {
    return fail(Errc::kCorrupt, "its packed form of ", packed.size(), " bytes is malformed");
  }
  std::string content(size, '\0');
  const std::size_t got =
      ZSTD_decompress(content.data(), content.size(), in.rest().data(), in.rest().size());
  if (ZSTD_isError(got) != 0 || got != size) {
    return fail(Errc::kCorrupt, "it does not decompress to its ", size, " bytes");
  }
  return content;
}

}  // namespace annals::journal
