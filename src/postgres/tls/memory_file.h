// A file without a name in any directory, for libpq 15, which takes certificates and keys as files
// only. Its pages go when it is closed; nothing reaches a disk. Private to this folder.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace annals::postgres {

class MemoryFile {
 public:
  // A file with this content, mode 0600, which is what libpq asks of a private key. kUnavailable.
  static Result<MemoryFile> with(std::string_view content);

  MemoryFile(MemoryFile&& other) noexcept;
  MemoryFile& operator=(MemoryFile&& other) noexcept;
  ~MemoryFile();

  // "/proc/self/fd/7": opens the same content anew, from its start, while this object lives.
  std::string path() const;

 private:
  explicit MemoryFile(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;  // -1 when moved from
};

}  // namespace annals::postgres
