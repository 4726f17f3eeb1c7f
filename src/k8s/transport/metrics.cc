#include "k8s/transport/metrics.h"

namespace annals::k8s {

ClientMetrics& no_metrics() {
  static ClientMetrics none;  // has no state
  return none;
}

}  // namespace annals::k8s
