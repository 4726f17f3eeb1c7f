// Backoff: how long to wait before the next try: doubling from `first` to `most`, with jitter so
// that many who failed together do not come back together. Pure but for its random numbers.
#pragma once

#include <random>

#include "base/clock.h"

namespace annals::k8s {

struct BackoffRange {
  Duration first = std::chrono::milliseconds(500);
  Duration most = std::chrono::seconds(30);
};

class Backoff {
 public:
  Backoff(BackoffRange range, std::uint64_t seed) : range_(range), random_(seed) {}

  // Between half and all of the doubled wait; never less than `asked`, the server's Retry-After.
  Duration next(Duration asked = Duration::zero());
  void reset() { failures_ = 0; }

 private:
  BackoffRange range_;
  std::mt19937_64 random_;
  int failures_ = 0;
};

}  // namespace annals::k8s
