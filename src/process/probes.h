// Probes: what this process answers to Kubernetes and Prometheus.
//   /livez    the loop turns: that it answers at all is the proof
//   /readyz   the journal was replayed and takes records, the lease is ours, everything is watched
//   /metrics  what the client, the runtime and the process count
// Every other path is 404. `?verbose` lists the checks; one that fails lists them anyway.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "api/health.h"
#include "api/metrics.h"

namespace annals::process {

class Probes {
 public:
  using Trouble = std::function<std::optional<std::string>()>;
  struct Checks {
    Trouble replayed;
    Trouble journal;
    Trouble lease;
    Trouble watches;
  };

  // `metrics` outlives this.
  Probes(Checks checks, api::Metrics& metrics);

  bool is_ready() const { return ready_.is_well(); }
  api::Response answer(const api::Request& request) const;

 private:
  api::Health live_;
  api::Health ready_;
  api::Metrics& metrics_;
};

}  // namespace annals::process
