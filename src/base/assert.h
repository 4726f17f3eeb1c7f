// ANNALS_ASSERT: for what can only be false through a bug of ours. It is on in release: a wrong
// history is worse than a restart, and a restart replays. Never for input, the network or the disk.
//
//   ANNALS_ASSERT(next == last.next(), "record ", next, " after ", last);
#pragma once

#include <string_view>

#include "base/concat.h"

namespace annals {

// Writes one line to standard error and aborts.
[[noreturn]] void assertion_failed(std::string_view condition, std::string_view file, int line,
                                   std::string_view detail);

}  // namespace annals

#define ANNALS_ASSERT(condition, ...)                                                            \
  do {                                                                                           \
    if (!(condition)) [[unlikely]] {                                                             \
      ::annals::assertion_failed(#condition, __FILE__, __LINE__, ::annals::concat(__VA_ARGS__)); \
    }                                                                                            \
  } while (false)
