#include "fsm/view/drill_request.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "base/concat.h"
#include "fsm/text/say.h"
#include "fsm/view/retention.h"
#include "manifests/labels.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;
namespace annotation = manifests::annotation;

constexpr auto kShortestInterval = 10min;  // less than that is a slip of the pen
constexpr std::size_t kQueryMax = 4096;

std::string value_of(const spec::PostgresCluster& cluster, const char* name) {
  const auto found = cluster.annotations.find(name);
  return found == cluster.annotations.end() ? std::string() : found->second;
}

std::string usual_database(const spec::PostgresCluster& cluster) {
  for (const spec::User& user : spec::effective_users(cluster)) {
    if (!user.databases.empty()) return user.databases.front();
  }
  return "postgres";
}

bool is_asked(const spec::PostgresCluster& cluster) {
  return cluster.annotations.contains(annotation::kRestoreDrill) ||
         cluster.annotations.contains(annotation::kRestoreDrillSchedule);
}

Message mistake_in_schedule(const spec::PostgresCluster& cluster) {
  const auto schedule = cluster.annotations.find(annotation::kRestoreDrillSchedule);
  if (schedule == cluster.annotations.end()) return {};
  const std::optional<Duration> every = retention_of(schedule->second);
  if (every && *every >= kShortestInterval) return {};
  return say::drill_schedule_invalid(annotation::kRestoreDrillSchedule, schedule->second);
}

Message mistake_in_repo(const spec::PostgresCluster& cluster) {
  if (!spec::has_backups(cluster)) return say::drill_without_repository();
  const std::string repo = value_of(cluster, annotation::kRestoreDrillRepo);
  const std::vector<spec::Repository>& repos = spec::repositories(cluster);
  if (repo.empty() || std::ranges::find(repos, repo, &spec::Repository::name) != repos.end())
    return {};
  std::vector<std::string> names;
  for (const spec::Repository& each : repos) names.push_back(each.name);
  return say::drill_repo_unknown(annotation::kRestoreDrillRepo, repo, listed(names));
}

Message mistake_in_queries(const spec::PostgresCluster& cluster) {
  for (const char* name : {annotation::kRestoreDrillQuery, annotation::kRestoreDrillAgeQuery}) {
    const std::size_t size = value_of(cluster, name).size();
    if (size > kQueryMax) return say::drill_query_too_long(name, size, kQueryMax);
  }
  return {};
}

}  // namespace

DrillRequest drill_request(const spec::PostgresCluster& cluster) {
  DrillRequest request{.id = value_of(cluster, annotation::kRestoreDrill),
                       .every = retention_of(value_of(cluster, annotation::kRestoreDrillSchedule)),
                       .repo = value_of(cluster, annotation::kRestoreDrillRepo),
                       .storage_class = value_of(cluster, annotation::kRestoreDrillStorageClass),
                       .database = value_of(cluster, annotation::kRestoreDrillDatabase),
                       .query = value_of(cluster, annotation::kRestoreDrillQuery),
                       .age_query = value_of(cluster, annotation::kRestoreDrillAgeQuery)};
  if (request.database.empty()) request.database = usual_database(cluster);
  if (request.repo.empty() && spec::has_backups(cluster))
    request.repo = spec::repositories(cluster).front().name;
  return request;
}

Message mistake_in_drill(const spec::PostgresCluster& cluster) {
  if (!is_asked(cluster)) return {};
  for (const auto& look : {mistake_in_schedule, mistake_in_repo, mistake_in_queries}) {
    if (Message mistake = look(cluster); !mistake.empty()) return mistake;
  }
  return {};
}

std::optional<Timestamp> next_drill(const ClusterState& state, const DrillRequest& request) {
  if (!request.every) return std::nullopt;
  std::optional<Timestamp> last;
  if (state.drill && !state.drill->id.empty()) last = state.drill->since;
  for (const auto& [repo, verified] : state.verified)
    last = std::max(last.value_or(verified.at), verified.at);
  return last ? *last + *request.every : state.now;
}

}  // namespace annals::fsm
