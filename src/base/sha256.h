// SHA-256 (FIPS 180-4): what content is named by and what chains records. Pure.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace annals {

// The 32 bytes of a digest. A value; the default one is all zero, which no content has.
struct Digest {
  std::array<std::uint8_t, 32> bytes{};

  std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  friend auto operator<=>(const Digest&, const Digest&) = default;
};

// The digest of content that comes in pieces.
class Sha256 {
 public:
  Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  ~Sha256();

  void update(std::string_view bytes);
  // Of all pieces so far; nothing is added afterwards.
  Digest finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

Digest sha256(std::string_view bytes);
// Of both, one behind the other.
Digest sha256(std::string_view first, std::string_view second);

// 64 lower-case hexadecimal characters.
std::string to_string(const Digest& digest);
inline std::string sha256_hex(std::string_view bytes) { return to_string(sha256(bytes)); }

}  // namespace annals
