#include "manifests/pgbackrest/ini.h"

#include "base/concat.h"

namespace annals::manifests {

std::string to_text(const Ini& ini) {
  std::string text = "# Written by the operator. Changes made here are undone.\n";
  for (const auto& [name, section] : ini) {
    text += concat("\n[", name, "]\n");
    for (const auto& [key, value] : section) text += concat(key, "=", value, "\n");
  }
  return text;
}

}  // namespace annals::manifests
