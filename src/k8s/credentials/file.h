// Reading small files that hold credentials.
#pragma once

#include <cstddef>
#include <filesystem>

#include "base/result.h"
#include "base/secret.h"

namespace annals::k8s {

// The whole file; kNotFound, kForbidden or kInvalid (larger than `max` bytes) otherwise. The caller
// blocks: only for files on a local or memory file system.
Result<Secret> read_file(const std::filesystem::path& path, std::size_t max);

}  // namespace annals::k8s
