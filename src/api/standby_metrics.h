// Metrics of clusters that follow another one: of the one that is furthest behind, or of each,
// where somebody has asked for that. As they are at the moment of a scrape.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

#include "fsm/view/standby_progress.h"

namespace annals::api {

struct ClusterStandby {
  std::string name_space{};  // empty, as the name, of all together
  std::string name{};
  std::uint64_t lag_bytes = 0;
  Duration replay_lag{};
  Timestamp received_at{};  // the epoch: not known
};

// As it is now: while it streams, what was heard is of this moment.
ClusterStandby standby_now(const fsm::StandbyFigures& figures, Timestamp now);

// One more of all together: the largest lags, and the oldest time.
void merge(ClusterStandby& all, const ClusterStandby& one);

std::vector<prometheus::MetricFamily> families_of(const std::vector<ClusterStandby>& clusters);

}  // namespace annals::api
