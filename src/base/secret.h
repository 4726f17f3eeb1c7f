// Secret: a string that must not be read by accident. It prints as ***, cannot be compared or
// formatted, and its bytes are erased when it goes. Only reveal() hands out the content.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace annals {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string content) : content_(std::move(content)) {}
  Secret(const Secret&) = default;
  Secret& operator=(const Secret& other);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { erase(); }

  bool empty() const { return content_.empty(); }
  // Valid while this Secret lives. Whoever copies it takes over the duty to erase.
  std::string_view reveal() const { return content_; }

 private:
  void erase() noexcept;

  std::string content_;
};

inline std::string to_string(const Secret&) { return "***"; }
inline std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

}  // namespace annals
