#include "fsm/machines/patroni_state.h"

#include <chrono>

#include "fsm/step/remove_store.h"
#include "fsm/text/say.h"
#include "fsm/view/namesake.h"
#include "fsm/view/patroni_store.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr const char* kPatroniStateMachine = "patroni-state";
// Patroni tells of a bootstrap in several writes, and of its members once in each of its rounds.
constexpr auto kUntilForeign = 60s;

void remove_foreign(StepBuilder& builder, const Message& evidence, const Guard& guard) {
  for (const ObjectRef& store : known_stores(builder.state())) {
    remove_store(builder, store,
                 {.machine = kPatroniStateMachine,
                  .transition = "remove-foreign",
                  .reason = say::removing_foreign_state(to_string(store), evidence),
                  .input = "pods-that-could-write-it",
                  .guard = guard});
  }
}

void begin_clean(StepBuilder& builder) {
  ClusterState& state = builder.state();
  state.begun_here = true;
  if (!state.begun_at) state.begun_at = state.now;
  if (foreign_pod(state) != nullptr) return;
  remove_foreign(builder, say::no_instance_started(),
                 {.lost = say::patroni_state_of_namesake(),
                  .other_copy = say::no_other_copy(),
                  .allowed_by = say::rule_of_clean_start()});
}

void heal(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (!is_led_by_nobody(state)) {
    state.foreign_from.reset();
    return;
  }
  if (!state.foreign_from) state.foreign_from = state.now + kUntilForeign;
  const bool is_time = *state.foreign_from <= state.now && foreign_pod(state) == nullptr;
  if (!is_time || !may_heal(state)) return;
  remove_foreign(builder, say::no_member_has_database(),
                 {.lost = say::nothing_lost_of_waiting_members(),
                  .other_copy = say::no_copy_needed(),
                  .allowed_by = say::rule_of_own_database()});
}

}  // namespace

void decide_patroni_state(StepBuilder& builder) {
  if (is_before_first_instance(builder.state())) return begin_clean(builder);
  heal(builder);
}

}  // namespace annals::fsm
