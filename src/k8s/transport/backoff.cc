#include "k8s/transport/backoff.h"

#include <algorithm>

namespace annals::k8s {

Duration Backoff::next(Duration asked) {
  constexpr int kDoublingsMax = 30;
  const std::int64_t factor = std::int64_t{1} << std::min(failures_, kDoublingsMax);
  ++failures_;
  const std::int64_t most = range_.most.count();
  const std::int64_t first = range_.first.count();
  const std::int64_t full = first > most / factor ? most : first * factor;
  std::uniform_int_distribution<std::int64_t> jittered(full / 2, full);
  return std::max(Duration(jittered(random_)), asked);
}

}  // namespace annals::k8s
