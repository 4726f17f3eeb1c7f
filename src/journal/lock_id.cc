#include "journal/lock_id.h"

#include <sys/stat.h>

#include <fstream>

#include "base/concat.h"
#include "base/sha256.h"

namespace annals::journal {

std::string lock_id(const std::string& directory, std::string_view journal_id) {
  constexpr std::size_t kDigits = 16;
  std::string boot;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
  struct stat file{};
  if (boot.empty() || ::stat((directory + "/LOCK").c_str(), &file) != 0) return {};
  return sha256_hex(concat(boot, " ", file.st_dev, " ", file.st_ino, " ", journal_id))
      .substr(0, kDigits);
}

}  // namespace annals::journal
