#include "manifests/pgbackrest/restore_pod.h"

#include <string_view>

#include "base/sha256.h"

namespace annals::manifests {

std::string index_of(const std::string& repo) {
  spec::Repository repository;
  repository.name = repo;
  return repository.index();
}

std::string literal(const std::string& text) {
  std::string escaped;
  for (const char c : text) escaped += c == '$' ? std::string("$$") : std::string(1, c);
  return escaped;
}

std::string hash_of_parts(const std::vector<std::string>& parts) {
  constexpr std::size_t kDigits = 16;
  Sha256 all;
  for (const std::string& part : parts) {
    all.update(part);
    all.update(std::string_view("\0", 1));
  }
  return to_string(all.finish()).substr(0, kDigits);
}

}  // namespace annals::manifests
