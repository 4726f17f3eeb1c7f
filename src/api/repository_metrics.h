// Metrics of repositories: of all clusters together, by the names of repositories, or of each
// cluster, where somebody has asked for that. As clusters are at the moment of a scrape: one that
// has gone leaves nothing behind.
#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <string>
#include <vector>

#include "fsm/view/repository_figures.h"

namespace annals::api {

struct ClusterBackups {
  std::string name_space{};  // empty, as the name, of all together
  std::string name{};
  std::vector<fsm::RepositoryFigures> repositories{};
  Timestamp archiving_stopped_at{};  // the epoch: it goes on
};

// One cluster more of all together: the oldest times, the latest errors, and sums.
void merge(ClusterBackups& all, const ClusterBackups& one);

std::vector<prometheus::MetricFamily> families_of(const std::vector<ClusterBackups>& clusters);

}  // namespace annals::api
