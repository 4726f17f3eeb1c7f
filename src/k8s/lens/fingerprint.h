// Fingerprint: a short digest of a projection, so that an unchanged one is recognised without
// keeping it. Fields are added in a fixed order, each with its length, so different lists of fields
// never give the same bytes. SHA-256, cut to 128 bits.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/sha256.h"

namespace annals::k8s {

class Fingerprint {
 public:
  Fingerprint& add(std::string_view text) {
    return add(static_cast<std::int64_t>(text.size())).bytes(text);
  }
  Fingerprint& add(const char* text) { return add(std::string_view(text)); }
  Fingerprint& add(const std::string& text) { return add(std::string_view(text)); }
  Fingerprint& add(std::int64_t number);
  Fingerprint& add(int number) { return add(static_cast<std::int64_t>(number)); }
  Fingerprint& add(bool yes) { return add(static_cast<std::int64_t>(yes)); }
  Fingerprint& add(const std::map<std::string, std::string>& entries);
  Fingerprint& add(const std::vector<std::string>& texts);

  Digest digest() const { return sha256(text_); }

 private:
  Fingerprint& bytes(std::string_view text) {
    text_ += text;
    return *this;
  }

  std::string text_;
};

}  // namespace annals::k8s
