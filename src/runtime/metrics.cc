#include "runtime/metrics.h"

namespace annals::runtime {

Metrics& no_metrics() {
  static Metrics none;
  return none;
}

}  // namespace annals::runtime
