#include "k8s/transport/server_warnings.h"

namespace annals::k8s {

bool ServerWarnings::is_news(std::string_view text) {
  if (full() || texts_.contains(text)) return false;
  texts_.emplace(text);
  return true;
}

}  // namespace annals::k8s
