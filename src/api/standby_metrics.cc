#include "api/standby_metrics.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace annals::api {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;

MetricFamily standby_family(const char* name, const char* help) {
  MetricFamily made;
  made.name = name;
  made.help = help;
  made.type = prometheus::MetricType::Gauge;
  return made;
}

void add_of(MetricFamily& to, const ClusterStandby& cluster, double value) {
  ClientMetric metric;
  if (!cluster.name.empty())
    metric.label = {{"namespace", cluster.name_space}, {"cluster", cluster.name}};
  metric.gauge.value = value;
  to.metric.push_back(std::move(metric));
}

}  // namespace

ClusterStandby standby_now(const fsm::StandbyFigures& figures, Timestamp now) {
  ClusterStandby cluster{.lag_bytes = figures.lag_bytes};
  cluster.received_at = figures.is_streaming ? now : figures.received_at;
  if (!figures.is_caught_up && figures.last_transaction != Timestamp())
    cluster.replay_lag = std::max(now - figures.last_transaction, Duration::zero());
  return cluster;
}

void merge(ClusterStandby& all, const ClusterStandby& one) {
  all.lag_bytes = std::max(all.lag_bytes, one.lag_bytes);
  all.replay_lag = std::max(all.replay_lag, one.replay_lag);
  all.received_at = std::min(all.received_at, one.received_at);
}

std::vector<MetricFamily> families_of(const std::vector<ClusterStandby>& clusters) {
  MetricFamily lag =
      standby_family("annals_standby_lag_bytes",
                     "WAL that the source of a standby has and the standby has not replayed, in "
                     "bytes; of several clusters the largest");
  MetricFamily replay =
      standby_family("annals_standby_replay_lag_seconds",
                     "The age of the last transaction that a standby has replayed; 0 where nothing "
                     "waits; of several clusters the largest");
  MetricFamily received =
      standby_family("annals_standby_last_received_timestamp_seconds",
                     "When a standby received something last, since the Unix epoch in seconds; of "
                     "several clusters the one for which that is longest ago; 0: it never has");
  for (const ClusterStandby& cluster : clusters) {
    add_of(lag, cluster, static_cast<double>(cluster.lag_bytes));
    add_of(replay, cluster, std::chrono::duration<double>(cluster.replay_lag).count());
    add_of(received, cluster,
           std::chrono::duration<double>(cluster.received_at.time_since_epoch()).count());
  }
  return {std::move(lag), std::move(replay), std::move(received)};
}

}  // namespace annals::api
