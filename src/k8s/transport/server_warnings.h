// ServerWarnings: of which texts an API server has warned, so that each is news once. A server that
// warns of something else each time fills no memory: after kTextsMax texts nothing is news. Pure.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace annals::k8s {

class ServerWarnings {
 public:
  static constexpr std::size_t kTextsMax = 64;

  bool is_news(std::string_view text);
  bool full() const { return texts_.size() == kTextsMax; }

 private:
  std::set<std::string, std::less<>> texts_;
};

}  // namespace annals::k8s
