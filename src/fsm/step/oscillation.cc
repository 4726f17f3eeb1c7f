#include "fsm/step/oscillation.h"

#include <chrono>

#include "base/concat.h"
#include "fsm/step/events.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kCount = 3;
constexpr auto kWindow = 10min;
constexpr auto kPause = 5min;
constexpr const char* kOurName = "annals";  // as metadata.managedFields has it

bool is_oscillating(ClusterState& state, const std::string& target) {
  const auto healed = state.healed.find(target);
  if (healed == state.healed.end()) return false;
  std::erase_if(healed->second, [&](Timestamp time) { return time + kWindow < state.now; });
  return healed->second.size() >= kCount;
}

std::string name_of(const Actor& writer) {
  if (writer.manager.empty()) return "somebody whom Kubernetes does not name";
  return concat(writer.manager, " (", writer.operation, " at ", writer.time, ")");
}

void back_off(StepBuilder& builder, const Meddling& meddling) {
  ClusterState& state = builder.state();
  const std::string other = name_of(meddling.writer);
  const std::string fight =
      concat("two writers fight over ", meddling.target, ": ", kOurName, " and ", other);
  Retry& retry = state.retries[meddling.target];
  retry = {.failures = retry.failures, .due = state.now + kPause, .error = fight};
  const std::string told =
      concat(fight, "; it ", meddling.reason, "; mended ", kCount, " times in ten minutes, so ",
             kOurName, " waits five before it tries again");
  builder.decide({.machine = "desired-set",
                  .transition = "oscillation",
                  .reason = told,
                  .inputs = {{.name = "mended-recently", .value = concat(kCount), .holds = true},
                             {.name = "writer", .value = kOurName, .holds = true},
                             {.name = "other-writer", .value = other, .holds = true}},
                  .intents = {}});
  tell_once(builder, Tone::kWarning, "Oscillation",
            concat(told, ": let one of them leave its fields alone"));
}

}  // namespace

bool may_mend(StepBuilder& builder, const Meddling& meddling) {
  ClusterState& state = builder.state();
  if (is_oscillating(state, meddling.target)) {
    back_off(builder, meddling);
    return false;
  }
  state.healed[meddling.target].push_back(state.now);
  return true;
}

}  // namespace annals::fsm
