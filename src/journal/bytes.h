// The byte forms that every file of the journal is made of: big-endian integers, so that keys sort
// as numbers do, and strings with their length in front. Encoder appends; Decoder takes from the
// front and, once the bytes do not suffice, stays failed and gives zeros.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "base/sha256.h"

namespace annals::journal {

class Encoder {
 public:
  Encoder() = default;
  // With room for so many bytes.
  explicit Encoder(std::size_t size) { out_.reserve(size); }

  Encoder& u8(std::uint8_t value) { return integer(value, 1); }
  Encoder& u32(std::uint32_t value) { return integer(value, 4); }
  Encoder& u64(std::uint64_t value) { return integer(value, 8); }
  Encoder& raw(std::string_view bytes) {
    out_ += bytes;
    return *this;
  }
  Encoder& digest(const Digest& digest) { return raw(digest.view()); }
  // At most 255 bytes.
  Encoder& short_text(std::string_view text) {
    ANNALS_ASSERT(text.size() <= 255, "short text of ", text.size(), " bytes");
    return u8(static_cast<std::uint8_t>(text.size())).raw(text);
  }

  std::string_view view() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  Encoder& integer(std::uint64_t value, unsigned bytes) {
    for (unsigned i = bytes; i-- > 0;) out_ += static_cast<char>((value >> (8 * i)) & 0xffU);
    return *this;
  }

  std::string out_;
};

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(integer(1)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(integer(4)); }
  std::uint64_t u64() { return integer(8); }
  std::string_view raw(std::size_t size) {
    if (size > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::string_view short_text() { return raw(u8()); }
  Digest digest() {
    Digest digest;
    std::ranges::copy(raw(digest.bytes.size()), digest.bytes.begin());
    return digest;
  }

  std::string_view rest() const { return rest_; }
  // All so far was there.
  bool ok() const { return ok_; }
  // All so far was there and nothing is left.
  bool done() const { return ok_ && rest_.empty(); }

 private:
  std::uint64_t integer(std::size_t size) {
    std::uint64_t value = 0;
    for (const char c : raw(size)) value = (value << 8U) | static_cast<unsigned char>(c);
    return value;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace annals::journal
