#include "k8s/text/object_scanner.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

namespace annals::k8s {
namespace {

constexpr std::size_t kBlock = 64;
using Bytes = char __attribute__((ext_vector_type(kBlock)));
using Flags = bool __attribute__((ext_vector_type(kBlock)));

[[gnu::always_inline]] inline std::uint64_t bits_of(Flags flags) {
  return std::bit_cast<std::uint64_t>(flags);
}

[[gnu::always_inline]] inline std::uint64_t count(std::uint64_t bits) {
  return static_cast<std::uint64_t>(std::popcount(bits));
}

// The bytes behind a backslash that is not escaped itself; the first byte is if `*escaped`. Leaves
// there whether the first byte behind the block is. A run of backslashes escapes every second byte:
// adding its start to the run carries to its end, and says by parity where it began.
[[gnu::always_inline]] inline std::uint64_t escaped_bytes(std::uint64_t backslashes,
                                                          std::uint64_t* escaped) {
  constexpr std::uint64_t kEven = 0x5555555555555555U;
  backslashes &= ~*escaped;
  const std::uint64_t behind = backslashes << 1U | *escaped;
  const std::uint64_t odd_starts = backslashes & ~kEven & ~behind;
  std::uint64_t sum = 0;
  *escaped = __builtin_add_overflow(odd_starts, backslashes, &sum) ? 1U : 0U;
  return (kEven ^ sum << 1U) & behind;
}

// Each bit becomes the parity of itself and all lower ones: from quotes to what they enclose.
[[gnu::always_inline]] inline std::uint64_t parities(std::uint64_t bits) {
  for (unsigned distance = 1; distance < kBlock; distance *= 2) bits ^= bits << distance;
  return bits;
}

}  // namespace

// The brackets outside of strings. Behind `size` there are blanks.
[[gnu::always_inline]] inline ObjectScanner::Brackets ObjectScanner::brackets_in(const char* block,
                                                                                 std::size_t size,
                                                                                 Strings& strings) {
  Bytes bytes;
  std::memcpy(&bytes, block, kBlock);
  // '[' and '{' differ in this bit only, and so do ']' and '}'.
  constexpr char kCurly = '{' ^ '[';
  const Bytes curly = bytes | kCurly;
  const Bits backslashes = bits_of(__builtin_convertvector(bytes == '\\', Flags));
  const Bits escaped = escaped_bytes(backslashes, &strings.escaped);
  const Bits quotes = bits_of(__builtin_convertvector(bytes == '"', Flags)) & ~escaped;
  const Bits inside = parities(quotes) ^ strings.inside;
  strings.inside = inside >> 63U ? ~Bits{0} : 0;
  if (size < kBlock) strings.escaped = escaped >> size & 1U;
  return {.opens = bits_of(__builtin_convertvector(curly == '{', Flags)) & ~inside,
          .closes = bits_of(__builtin_convertvector(curly == '}', Flags)) & ~inside};
}

// Whether nothing begins or ends in this block that matters.
[[gnu::always_inline]] inline bool ObjectScanner::passes_over(const Brackets& block) {
  const std::uint64_t closed = count(block.closes);
  const bool looks = unread_depth_ == 0 && !unread_.empty() && block.opens != 0;
  if (looks || closed >= depth_ - unread_depth_) return false;
  depth_ += count(block.opens) - closed;
  return true;
}

[[gnu::always_inline]] inline std::size_t ObjectScanner::scan_blocks(std::string_view bytes,
                                                                     std::string& object) {
  kept_ = 0;
  Strings strings = strings_;  // stays in registers
  for (std::size_t at = 0; at < bytes.size(); at += kBlock) {
    const std::size_t size = std::min(bytes.size() - at, kBlock);
    const char* block = bytes.data() + at;
    std::array<char, kBlock> last;  // NOLINT(cppcoreguidelines-pro-type-member-init): rarely needed
    if (size < kBlock) {
      last.fill(' ');
      std::memcpy(last.data(), block, size);
      block = last.data();
    }
    const Brackets brackets = brackets_in(block, size, strings);
    if (passes_over(brackets)) continue;
    const std::size_t end = take(brackets, bytes, at, object);
    if (ended_) return end;
  }
  strings_ = strings;
  if (unread_depth_ == 0) keep(bytes, bytes.size(), object);
  return bytes.size();
}

std::size_t ObjectScanner::scan(std::string_view bytes, std::string& object) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return scan_wide(bytes, object);
#endif
  return scan_blocks(bytes, object);
}

#if defined(__x86_64__)
// The same for processors that take 32 bytes at a time, as all of the last ten years do.
[[gnu::target("avx2,bmi,bmi2,popcnt")]] std::size_t ObjectScanner::scan_wide(std::string_view bytes,
                                                                             std::string& object) {
  return scan_blocks(bytes, object);
}
#endif

// Bracket by bracket. Where the object ends: behind which of the bytes.
std::size_t ObjectScanner::take(const Brackets& block, std::string_view bytes, std::size_t at,
                                std::string& object) {
  for (Bits brackets = block.opens | block.closes; brackets != 0; brackets &= brackets - 1) {
    const std::size_t here = at + static_cast<std::size_t>(std::countr_zero(brackets));
    const bool opens = (block.opens & brackets & (~brackets + 1)) != 0;
    if (opens) {
      ++depth_;
      if (unread_depth_ != 0 || unread_.empty()) continue;
      keep(bytes, here, object);
      if (!is_unread(object)) continue;
      unread_depth_ = depth_;
      keep(bytes, here + 1, object);
      continue;
    }
    if (depth_-- == unread_depth_) {
      unread_depth_ = 0;
      kept_ = here;
    }
    if (depth_ > 0) continue;
    ended_ = true;
    keep(bytes, here + 1, object);
    return here + 1;
  }
  return 0;
}

void ObjectScanner::keep(std::string_view bytes, std::size_t end, std::string& object) {
  object += bytes.substr(kept_, end - kept_);
  kept_ = end;
}

// Whether what stands before an opening bracket is the name of an unread field, with nothing
// between them. A string that looks like it is no name: its quote stands behind a backslash.
bool ObjectScanner::is_unread(std::string_view before) const {
  if (!before.ends_with("\":")) return false;
  before.remove_suffix(2);
  const std::size_t quote = before.rfind('"');
  if (quote == std::string_view::npos || quote == 0) return false;
  if (before[quote - 1] != '{' && before[quote - 1] != ',') return false;
  return std::ranges::find(unread_, before.substr(quote + 1)) != unread_.end();
}

}  // namespace annals::k8s
