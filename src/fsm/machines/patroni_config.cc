#include "fsm/machines/patroni_config.h"

#include "fsm/step/events.h"
#include "fsm/step/oscillation.h"
#include "fsm/text/say.h"
#include "fsm/view/database.h"
#include "fsm/view/demotion.h"
#include "fsm/view/members.h"
#include "fsm/view/other_cluster.h"
#include "fsm/view/patroni_configuration.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"
#include "fsm/view/standby.h"

namespace annals::fsm {
namespace {

constexpr const char* kNotTaken = "PatroniConfigurationNotTaken";

Actor writer_of_store(const ClusterState& state) {
  const auto store = state.objects.find(patroni_store(state));
  return store == state.objects.end() ? Actor() : store->second.actor;
}

// Patroni may write a value in another way than we do; what it made of ours is as good.
bool is_in_sync(const ClusterState& state, const std::string& wanted, const std::string& stored) {
  if (stored == wanted) return true;
  const auto written = state.written.find(kPatroniTarget);
  return written != state.written.end() && written->second.asked == wanted &&
         written->second.result == stored;
}

// Once or twice happens while Patroni starts anew.
void tell_that_it_is_not_taken(StepBuilder& builder) {
  constexpr int kTriesBeforeItIsTold = 3;
  const auto retry = builder.state().retries.find(kPatroniTarget);
  if (retry == builder.state().retries.end() || retry->second.failures < kTriesBeforeItIsTold)
    return;
  report_event(builder, EventType::kWarning, kNotTaken,
               say::patroni_config_not_applied(retry->second.error));
}

}  // namespace

void decide_patroni_config(StepBuilder& builder) {
  ClusterState& state = builder.state();
  // By these operations alone, which make sure of more than this.
  const std::string operation = name_of(state.operation);
  const bool is_of_demotion =
      operation == kDemotionName ||
      (is_demotion_permitted(state) && (operation.empty() || another_leads(state)));
  if (is_promotion_asked(state) || is_of_demotion) return clear_event(state, kNotTaken);
  const PodObserved* pod = member_to_configure(state);
  const std::string stored = fields_of(state, patroni_store(state)).patroni->config.value_or("");
  if (pod == nullptr || stored.empty() || !is_bootstrapped(state)) return;
  const Rendered& all = rendered(state);
  if (all.patroni.empty() || is_in_sync(state, all.patroni_digest, stored)) {
    clear_event(state, kNotTaken);
    return;
  }
  tell_that_it_is_not_taken(builder);
  if (is_pending(state, kPatroniTarget) || is_waiting_to_retry(state, kPatroniTarget)) return;
  // Patroni forgets that a restart is due for what it hears of while PostgreSQL starts anew.
  if (is_restarting(state)) return;
  const auto written = state.written.find(kPatroniTarget);
  const bool changed_by_others =
      written != state.written.end() && written->second.asked == all.patroni_digest;
  if (changed_by_others && !may_repair(builder, {.target = kPatroniTarget,
                                                 .reason = say::changed_in_patroni_store(),
                                                 .writer = writer_of_store(state)}))
    return;
  // It has become a primary, and the store tells of it later.
  if (follows_another(state) && leader(state) != nullptr && !pod->standby_leader) return;
  // It is being promoted: whom it followed is not asked again.
  if (!follows_another(state) && pod->standby_leader) return;
  builder.decide(
      {.machine = "patroni-config",
       .transition = changed_by_others ? "undo-change" : "update",
       .reason = changed_by_others ? say::patroni_config_drifted() : say::patroni_config_changed(),
       .inputs = {{.name = "stored", .value = stored.substr(0, 12), .holds = false},
                  {.name = "asked-for", .value = all.patroni_digest.substr(0, 12), .holds = true}},
       .intents = {}},
      {configuration_for(state, *pod)});
}

}  // namespace annals::fsm
