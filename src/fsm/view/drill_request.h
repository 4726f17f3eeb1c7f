// What asks for restore drills: annotations of the cluster.
#pragma once

#include <optional>
#include <string>

#include "fsm/model/state.h"
#include "spec/postgres_cluster.h"

namespace annals::fsm {

struct DrillRequest {
  std::string id{};                 // of one that is asked for now; empty: none is
  std::optional<Duration> every{};  // nothing: no schedule
  std::string repo{};               // the first of the cluster where nothing is said
  std::string storage_class{};      // empty: that of the data volumes
  std::string database{};  // where the queries are asked: of the first user where nothing is said
  std::string query{};
  std::string age_query{};
};

// Only of use where there is no mistake in it.
DrillRequest drill_request(const spec::PostgresCluster& cluster);

// Field, value and remedy; empty where there is no mistake, and where no drill is asked for.
Message mistake_in_drill(const spec::PostgresCluster& cluster);

// When the next one by the schedule is due; nothing without a schedule.
std::optional<Timestamp> next_drill(const ClusterState& state, const DrillRequest& request);

}  // namespace annals::fsm
