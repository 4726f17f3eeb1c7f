// Lower-case hexadecimal text of bytes, for serials and fingerprints.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace annals::postgres {

inline std::string to_hex(std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::byte byte : bytes) {
    const auto value = std::to_integer<unsigned>(byte);
    text += kDigits[value >> 4U];
    text += kDigits[value & 0xfU];
  }
  return text;
}

}  // namespace annals::postgres
