#include "base/assert.h"

#include <unistd.h>

#include <cstdlib>
#include <string>

namespace annals {

void assertion_failed(std::string_view condition, std::string_view file, int line,
                      std::string_view detail) {
  std::string text = concat(file, ":", line, ": assertion failed: ", condition);
  if (!detail.empty()) text += concat(": ", detail);
  text += '\n';
  // The logger may be what is broken; a plain write needs nothing of ours.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
  std::abort();
}

}  // namespace annals
