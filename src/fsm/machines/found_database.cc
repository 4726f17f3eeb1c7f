#include "fsm/machines/found_database.h"

#include "fsm/step/events.h"
#include "fsm/view/data_source.h"
#include "fsm/view/found_database.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"
#include "fsm/view/restore_progress.h"

namespace annals::fsm {
namespace {

constexpr const char* kFoundDatabaseMachine = "found-database";
constexpr const char* kDatabaseFound = "DatabaseFound";

// Older data is what the spec is about; or it was restored, by what the status says.
bool is_older_data_asked_for(ClusterState& state) {
  const spec::PostgresCluster& cluster = rendered(state).cluster;
  const bool is_standby = spec::asks_for_standby(cluster);
  const bool is_cloned = state.restore && is_cloning(*state.restore);
  return is_standby || is_cloned || !state.spec->restored.empty() ||
         !clone_request(cluster).id.empty();
}

// The database proves to be the cluster's own, or wanted: nobody asks again.
void settle(ClusterState& state) {
  state.begun_at.reset();
  clear_event(state, kDatabaseFound);
}

void tell(StepBuilder& builder, const FoundDatabase& found) {
  ClusterState& state = builder.state();
  const Message message = described(found);
  const auto told = state.reported_events.find(kDatabaseFound);
  if (told != state.reported_events.end() && told->second == message) return;
  builder.decide(
      {.machine = kFoundDatabaseMachine,
       .transition = "tell",
       .reason = message,
       .inputs = {{.name = "system-identifier", .value = system_identifier(state), .holds = true},
                  {.name = "made-after-cluster",
                   .value = annals::to_string(found.made),
                   .holds = false}},
       .intents = {}});
  report_event(builder, EventType::kWarning, kDatabaseFound, message);
}

}  // namespace

void decide_found_database(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (!state.begun_at || is_before_first_instance(state)) return;
  if (is_older_data_asked_for(state)) return settle(state);
  if (state.phase <= ProvisionPhase::kStarting || !is_bootstrapped(state)) return;
  if (const std::optional<FoundDatabase> found = found_database(state))
    return tell(builder, *found);
  settle(state);
}

}  // namespace annals::fsm
