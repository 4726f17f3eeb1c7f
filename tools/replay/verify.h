// verify: runs every cluster's history through this binary's machines and compares what they decide
// with what was decided then, byte for byte.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "journal/reader.h"

namespace annals::replay {

struct Difference {
  Sequence cause;        // the input that was decided upon
  std::string recorded;  // empty: nothing stands there
  std::string computed;  // empty: nothing is decided here
};

struct Verdict {
  std::uint64_t records = 0;
  std::uint64_t inputs = 0;
  std::uint64_t outputs = 0;  // decisions and intents that were recomputed identically
  // Inputs whose decisions were not durable when the process ended: nothing was done about them
  // then, and the next process has looked at the world again.
  std::uint64_t cut_off = 0;
  std::vector<Difference> differences;
};

Result<Verdict> verify(const journal::Reader& reader);

}  // namespace annals::replay
