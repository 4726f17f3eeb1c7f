#include "base/secret.h"

#include <cstring>

namespace annals {

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) *this = Secret(other);
  return *this;
}

// A moved-from short string may keep its bytes in place, so the source is erased by hand.
Secret::Secret(Secret&& other) noexcept : content_(std::move(other.content_)) { other.erase(); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  erase();
  content_ = std::move(other.content_);
  other.erase();
  return *this;
}

void Secret::erase() noexcept {
  content_.resize(content_.capacity());
  explicit_bzero(content_.data(), content_.size());
  content_.clear();
}

}  // namespace annals
