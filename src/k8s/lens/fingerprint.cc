#include "k8s/lens/fingerprint.h"

namespace annals::k8s {

Fingerprint& Fingerprint::add(std::int64_t number) {
  for (int shift = 0; shift < 64; shift += 8) {
    text_ += static_cast<char>(static_cast<std::uint64_t>(number) >> static_cast<unsigned>(shift));
  }
  return *this;
}

Fingerprint& Fingerprint::add(const std::map<std::string, std::string>& entries) {
  add(static_cast<std::int64_t>(entries.size()));
  for (const auto& [key, value] : entries) add(key).add(value);
  return *this;
}

Fingerprint& Fingerprint::add(const std::vector<std::string>& texts) {
  add(static_cast<std::int64_t>(texts.size()));
  for (const std::string& text : texts) add(text);
  return *this;
}

}  // namespace annals::k8s
