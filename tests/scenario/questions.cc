// What can be asked of the cluster as it is, without telling it anything.
#include <algorithm>
#include <array>

#include "base/concat.h"
#include "fsm/step/step_builder.h"
#include "fsm/text/sentence.h"
#include "fsm/view/blockers.h"
#include "tests/scenario/commands.h"
#include "tests/scenario/trace.h"

namespace annals::scenario {
namespace {

constexpr std::size_t kMaxDecisions = 3;  // that are told of one thing

std::string run_status(Play& play, const Words&) {
  const fsm::ClusterState& state = play.stage.state();
  const std::string operation = fsm::name_of(state.operation);
  play.answer += concat("generation ", state.spec->generation, ", ", fsm::to_string(state.phase),
                        operation.empty() ? "" : ", " + operation + " goes on", "\n");
  for (const auto& [type, condition] : state.conditions)
    play.answer += concat("condition ", in_words(type, condition), "\n");
  for (const auto& [name, pod] : state.pods) play.answer += line_of(pod);
  return {};
}

std::string run_blockers(Play& play, const Words&) {
  const fsm::ClusterState& state = play.stage.state();
  for (const auto& [machine, blocker] : fsm::blockers_of(state))
    play.answer +=
        concat(machine, "/", blocker->transition, ": ", sentence(blocker->waits_for), "\n  since ",
               play.stage.moment(blocker->since), " until ", play.stage.moment(blocker->deadline),
               blocker->remedy.empty() ? "" : "; remedy: ", sentence(blocker->remedy), "\n");
  const std::optional<Timestamp> due = fsm::next_due(state);
  play.answer +=
      due ? concat("looks again at ", play.stage.moment(*due), "\n") : "waits for facts only\n";
  return {};
}

bool is_about(const fsm::Decision& decision, const std::string& what) {
  return decision.machine == what || decision.transition.contains(what) ||
         sentence(decision.reason).contains(what) ||
         std::ranges::any_of(decision.inputs, [&](const fsm::Predicate& input) {
           return input.name == what || input.value.contains(what);
         });
}

// What was decided about it last, and what it waits for by itself.
std::string run_why_not(Play& play, const Words& words) {
  if (words.size() != 1) return "say what: 'why-not Pod/hippo-instance1-abcd-0'";
  const fsm::ClusterState& state = play.stage.state();
  const std::size_t slash = words[0].find('/');
  const std::string name = slash == std::string::npos ? words[0] : words[0].substr(slash + 1);
  std::vector<std::string> told;
  const std::vector<fsm::Decision>& all = play.stage.decisions();
  for (auto at = all.rbegin(); at != all.rend() && told.size() < kMaxDecisions; ++at) {
    if (at->machine != "status" && is_about(*at, name))
      told.push_back(concat("decided ", at->machine, " ", at->transition, ": ",
                            without_digests(sentence(at->reason)), "\n"));
  }
  for (auto at = told.rbegin(); at != told.rend(); ++at) play.answer += *at;
  const auto retry = state.retries.find(words[0]);
  if (retry != state.retries.end())
    play.answer +=
        concat(fsm::failures_in_words(retry->second), "is tried again at ",
               play.stage.moment(retry->second.due), ": ", sentence(retry->second.error), "\n");
  if (fsm::is_pending(state, words[0])) play.answer += "is asked for, and no answer has come\n";
  return run_blockers(play, {});
}

std::string run_pending(Play& play, const Words&) {
  for (const auto& [id, action] : play.stage.state().pending)
    play.answer += concat(fsm::type_of(action), " ", fsm::target_of(action), "\n");
  return {};
}

constexpr std::array kQuestions{
    Verb{"status", "status", run_status},
    Verb{"blockers", "blockers", run_blockers},
    Verb{"why-not", "why-not MACHINE | TRANSITION | KIND/NAME", run_why_not},
    Verb{"pending", "pending", run_pending},
};

}  // namespace

std::string line_of(const fsm::PodObserved& pod) {
  return concat("pod ", pod.name, ": ", pod.phase, pod.ready ? ", ready" : ", not ready",
                pod.deleting ? ", being deleted" : "", pod.role.empty() ? "" : ", " + pod.role,
                pod.member.empty() ? "" : ", " + pod.member,
                pod.revision.empty() ? "" : ", of " + pod.revision, "\n");
}

std::span<const Verb> questions() { return kQuestions; }

}  // namespace annals::scenario
