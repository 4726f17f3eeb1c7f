#include "fsm/machines/patroni_state.h"

#include <chrono>

#include "base/concat.h"
#include "fsm/step/remove_store.h"
#include "fsm/view/namesake.h"
#include "fsm/view/patroni_store.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr const char* kMachine = "patroni-state";
// Patroni tells of a bootstrap in several writes, and of its members once in each of its rounds.
constexpr auto kUntilForeign = 60s;

void remove_foreign(StepBuilder& builder, const char* evidence, const Guard& guard) {
  for (const ObjectRef& store : known_stores(builder.state())) {
    remove_store(
        builder, store,
        {.machine = kMachine,
         .transition = "remove-foreign",
         .reason = concat(to_string(store), " is of an earlier cluster of this name: ", evidence),
         .input = "pods-that-could-write-it",
         .guard = guard});
  }
}

void begin_clean(StepBuilder& builder) {
  ClusterState& state = builder.state();
  state.begun_here = true;
  if (foreign_pod(state) != nullptr) return;
  remove_foreign(builder, "no instance of this one has started yet",
                 {.lost = "Patroni's state of an earlier cluster of the same name",
                  .other_copy = "none",
                  .allowed_by = "the rule that a cluster begins without a state of Patroni's"});
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
  remove_foreign(builder, "no member of this one has a database",
                 {.lost = "nothing of this cluster: all of its members wait to be made",
                  .other_copy = "none is needed",
                  .allowed_by = "the rule that members follow a database of their own"});
}

}  // namespace

void ask_patroni_state(StepBuilder& builder) {
  if (is_before_first_instance(builder.state())) return begin_clean(builder);
  heal(builder);
}

}  // namespace annals::fsm
