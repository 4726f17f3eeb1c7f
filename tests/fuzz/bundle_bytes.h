// A bundle's file in memory, from what a fuzzer made: with the digest that it needs to be looked
// into.
#pragma once

#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "base/concat.h"
#include "base/sha256.h"

namespace annals::journal {

class BundleBytes {
 public:
  // `plain` are items, yet to be compressed; else all but the digest.
  BundleBytes(std::string_view bytes, bool plain) : memory_(::memfd_create("bundle", MFD_CLOEXEC)) {
    constexpr std::string_view kHead{"ANNALS\0B\0\0\0\1", 12};
    std::string file = plain ? std::string(kHead) + compressed(bytes) : std::string(bytes);
    const Digest digest = sha256(file);
    file += digest.view();
    if (memory_ < 0 || ::write(memory_, file.data(), file.size()) < 0) std::abort();
  }
  BundleBytes(const BundleBytes&) = delete;
  BundleBytes& operator=(const BundleBytes&) = delete;
  ~BundleBytes() { ::close(memory_); }

  std::string path() const { return concat("/proc/self/fd/", memory_); }

 private:
  static std::string compressed(std::string_view items) {
    std::string frame(ZSTD_compressBound(items.size()), '\0');
    frame.resize(ZSTD_compress(frame.data(), frame.size(), items.data(), items.size(), 1));
    return frame;
  }

  int memory_;
};

}  // namespace annals::journal
