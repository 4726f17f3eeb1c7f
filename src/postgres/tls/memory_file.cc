#include "postgres/tls/memory_file.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace annals::postgres {

Result<MemoryFile> MemoryFile::with(std::string_view content) {
  MemoryFile file(::memfd_create("annals-pem", MFD_CLOEXEC));
  if (file.descriptor_ < 0) return fail(Errc::kUnavailable, "memfd_create: errno ", errno);
  if (::fchmod(file.descriptor_, S_IRUSR | S_IWUSR) != 0) {
    return fail(Errc::kUnavailable, "fchmod of a memory file: errno ", errno);
  }
  while (!content.empty()) {
    const ssize_t written = ::write(file.descriptor_, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return fail(Errc::kUnavailable, "write to a memory file: errno ", errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return file;
}

MemoryFile::MemoryFile(MemoryFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

MemoryFile& MemoryFile::operator=(MemoryFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

MemoryFile::~MemoryFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::string MemoryFile::path() const { return concat("/proc/self/fd/", descriptor_); }

}  // namespace annals::postgres
