#include "k8s/credentials/file.h"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

namespace annals::k8s {
namespace {

struct Close {
  void operator()(std::FILE* file) const { (void)std::fclose(file); }
};

Errc code_of_errno(int error) {
  if (error == ENOENT || error == ENOTDIR) return Errc::kNotFound;
  if (error == EACCES || error == EPERM) return Errc::kForbidden;
  return Errc::kUnavailable;
}

}  // namespace

Result<Secret> read_file(const std::filesystem::path& path, std::size_t max) {
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "re"));
  if (!file) {
    const int error = errno;
    return fail(code_of_errno(error), path.native(), ": ", std::generic_category().message(error));
  }
  std::string content(max + 1, '\0');
  content.resize(std::fread(content.data(), 1, content.size(), file.get()));
  if (std::ferror(file.get()) != 0)
    return fail(Errc::kUnavailable, path.native(), ": cannot be read");
  if (content.size() > max)
    return fail(Errc::kInvalid, path.native(), ": larger than ", max, " bytes");
  return Secret(std::move(content));
}

}  // namespace annals::k8s
