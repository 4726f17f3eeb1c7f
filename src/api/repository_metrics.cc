#include "api/repository_metrics.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace annals::api {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using LabelsOfOne = std::vector<ClientMetric::Label>;

double unix_seconds(Timestamp time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

MetricFamily family(const char* name, const char* help) {
  MetricFamily made;
  made.name = name;
  made.help = help;
  made.type = MetricType::Gauge;
  return made;
}

void add(MetricFamily& to, LabelsOfOne labels, double value) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.gauge.value = value;
  to.metric.push_back(std::move(metric));
}

LabelsOfOne labels_of(const ClusterBackups& cluster) {
  if (cluster.name.empty()) return {};
  return {{"namespace", cluster.name_space}, {"cluster", cluster.name}};
}

LabelsOfOne with(LabelsOfOne labels, const char* name, std::string_view value) {
  labels.push_back({name, std::string(value)});
  return labels;
}

// Of what is not known nothing is older.
Timestamp older(Timestamp one, Timestamp other) {
  if (one == Timestamp() || other == Timestamp()) return std::max(one, other);
  return std::min(one, other);
}

void merge_repository(fsm::RepositoryFigures& all, const fsm::RepositoryFigures& one) {
  const std::size_t any = fsm::kBackupTypes.size() - 1;
  for (std::size_t type = 0; type < any; ++type)
    all.last_backup[type] = older(all.last_backup[type], one.last_backup[type]);
  all.last_backup[any] = std::min(all.last_backup[any], one.last_backup[any]);
  all.size += one.size;
  all.growth_per_day += one.growth_per_day;
  all.last_wal = older(all.last_wal, one.last_wal);
  all.last_error = std::max(all.last_error, one.last_error);
}

struct RepositoryFamilies {
  MetricFamily last_backup = family(
      "annals_repository_last_backup_timestamp_seconds",
      "When the last backup without faults ended, since the Unix epoch in seconds; of "
      "several clusters the one for which that is longest ago; 0 of type any: there is none");
  MetricFamily size =
      family("annals_repository_size_bytes", "Size of all backups as they are stored");
  MetricFamily growth = family("annals_repository_growth_bytes_per_day",
                               "What backups and WAL have added a day lately");
  MetricFamily last_wal =
      family("annals_repository_last_wal_timestamp_seconds",
             "When the last WAL was archived, as the repository tells; of several clusters the one "
             "for which that is longest ago");
  MetricFamily last_error = family("annals_repository_last_error_timestamp_seconds",
                                   "When something went wrong with it last; 0: never");
  MetricFamily stopped =
      family("annals_archiving_stopped_timestamp_seconds",
             "When WAL was archived last, of clusters whose archive_command fails; 0: of none");

  void add_repository(const LabelsOfOne& labels, const fsm::RepositoryFigures& figures) {
    for (std::size_t type = 0; type < fsm::kBackupTypes.size(); ++type) {
      const Timestamp last = figures.last_backup[type];
      if (last == Timestamp() && type + 1 < fsm::kBackupTypes.size()) continue;
      add(last_backup, with(labels, "type", fsm::kBackupTypes[type]), unix_seconds(last));
    }
    add(size, labels, static_cast<double>(figures.size));
    add(growth, labels, static_cast<double>(figures.growth_per_day));
    if (figures.last_wal != Timestamp()) add(last_wal, labels, unix_seconds(figures.last_wal));
    add(last_error, labels, unix_seconds(figures.last_error));
  }
};

}  // namespace

void merge(ClusterBackups& all, const ClusterBackups& one) {
  all.archiving_stopped_at = older(all.archiving_stopped_at, one.archiving_stopped_at);
  for (const fsm::RepositoryFigures& each : one.repositories) {
    const auto known =
        std::ranges::lower_bound(all.repositories, each.repo, {}, &fsm::RepositoryFigures::repo);
    if (known != all.repositories.end() && known->repo == each.repo) {
      merge_repository(*known, each);
    } else {
      all.repositories.insert(known, each);
    }
  }
}

std::vector<MetricFamily> families_of(const std::vector<ClusterBackups>& clusters) {
  RepositoryFamilies families;
  for (const ClusterBackups& cluster : clusters) {
    const LabelsOfOne labels = labels_of(cluster);
    add(families.stopped, labels, unix_seconds(cluster.archiving_stopped_at));
    for (const fsm::RepositoryFigures& each : cluster.repositories)
      families.add_repository(with(labels, "repo", each.repo), each);
  }
  return {std::move(families.last_backup), std::move(families.size),
          std::move(families.growth),      std::move(families.last_wal),
          std::move(families.last_error),  std::move(families.stopped)};
}

}  // namespace annals::api
