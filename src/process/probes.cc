#include "process/probes.h"

#include <utility>

namespace annals::process {

Probes::Probes(Checks checks, api::Metrics& metrics)
    : live_("livez"), ready_("readyz"), metrics_(metrics) {
  live_.add("loop", [] { return std::nullopt; });
  ready_.add("replayed", std::move(checks.replayed));
  ready_.add("journal", std::move(checks.journal));
  ready_.add("lease", std::move(checks.lease));
  ready_.add("watches", std::move(checks.watches));
}

api::Response Probes::answer(const api::Request& request) const {
  if (request.path == "/livez" || request.path == "/healthz") return live_.answer(request);
  if (request.path == "/readyz") return ready_.answer(request);
  if (request.path == "/metrics") return metrics_.answer();
  return {.status = 404, .body = "not found; available: /livez, /readyz, /metrics\n"};
}

}  // namespace annals::process
