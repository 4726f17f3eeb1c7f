// The engine with tables made up for it: what no process of ours asks for yet, and what two of them
// owe each other.
#include "fsm/step/engine.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>

#include "fsm/step/waits.h"
#include "fsm/text/sentence.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr const char* kOn = "on";  // flags, kept in a set that a state has anyway

Wait flagged(const OperationView& view, const char* flag) {
  return {.satisfied = view.state.stopped.contains(flag), .waits_for = literal(flag)};
}
Wait nice_to_have(const OperationView& view) { return flagged(view, "nice"); }
Wait needed(const OperationView& view) { return flagged(view, "needed"); }
Wait noted(const OperationView& view) { return flagged(view, "noted"); }
bool is_noted(const ClusterState& state) { return state.stopped.contains("passed"); }
Message note(ClusterState& state) {
  state.stopped.insert("passed");
  return literal("it is noted");
}
Message broken(const OperationView& view) {
  return view.state.stopped.contains("broken") ? literal("it is broken") : Message();
}
void give_up(StepBuilder& builder, const Operation& /*operation*/, const Message& /*why*/) {
  builder.state().stopped.erase(kOn);
}
bool goes_on(ClusterState& state) { return state.stopped.contains(kOn); }

constexpr std::array kGoals{
    Goal{.name = "noted", .limit = 1min, .check = noted, .passed = is_noted, .pass = note},
    Goal{"nice", 1min, nice_to_have, nullptr, Late::kSkip},
    Goal{
        .name = "needed", .limit = 5min, .check = needed, .late = Late::kGiveUp, .failed = broken}};
const OperationKind kScratch{
    .name = "scratch", .goals = kGoals, .give_up = give_up, .goes_on = goes_on};
constexpr std::array kOtherGoals{Goal{"needed", 5min, needed}};
const OperationKind kOther{.name = "other", .goals = kOtherGoals, .goes_on = goes_on};

class ScratchProcess : public testing::Test {
 protected:
  ScratchProcess() {
    state_.stopped = {kOn, "noted"};
    state_.operation = Restart{.reason = literal("r"), .since = {}};
  }
  Step ask(Duration later = 0s) {
    state_.now += later;
    Step step{.state = state_, .decisions = {}, .intents = {}, .waits_ended = {}};
    StepBuilder builder(step);
    decide_process(builder, kScratch);
    decide_process(builder, kOther);
    end_other_waits(builder);
    state_ = step.state;
    return step;
  }
  std::string goal_of(const std::string& process) const {
    const auto found = state_.blockers.find(process);
    return found == state_.blockers.end() ? "" : found->second.transition;
  }

  ClusterState state_;
};

TEST_F(ScratchProcess, WaitsBesideAnotherAndBesideAnOperation) {
  ask();
  EXPECT_EQ(goal_of("scratch"), "nice");
  EXPECT_EQ(goal_of("other"), "needed");
  EXPECT_EQ(name_of(state_.operation), "restart");
}

TEST_F(ScratchProcess, APassedGoalIsNotAskedAgain) {
  EXPECT_EQ(ask().decisions.front().transition, "noted");
  state_.stopped.erase("noted");
  for (const Decision& decision : ask().decisions) EXPECT_NE(decision.transition, "noted");
  EXPECT_EQ(goal_of("scratch"), "nice");
}

TEST_F(ScratchProcess, GoesOnWithoutOneThatIsLateAndGivesUpForAnother) {
  ask();
  ASSERT_TRUE(state_.requeue_at);
  EXPECT_EQ(*state_.requeue_at, state_.now + 1min);
  ask(1min);
  EXPECT_EQ(goal_of("scratch"), "needed");
  const Step last = ask(5min);
  EXPECT_EQ(last.decisions.front().transition, "give-up");
  EXPECT_EQ(goal_of("scratch"), "");
  EXPECT_TRUE(state_.goals_since.empty());
  EXPECT_EQ(name_of(state_.operation), "restart") << "that is another one";
  ASSERT_FALSE(last.waits_ended.empty());
  EXPECT_EQ(last.waits_ended.back().goal, "needed");
  EXPECT_EQ(last.waits_ended.back().waited, 5min);
}

TEST_F(ScratchProcess, GivesUpAtOnceWhereAGoalHasFailed) {
  state_.stopped.insert({"nice", "broken"});
  const Step step = ask();
  EXPECT_EQ(step.decisions.back().transition, "give-up");
  EXPECT_EQ(sentence(step.decisions.back().reason), "it is broken");
  EXPECT_FALSE(step.decisions.back().inputs.front().holds) << "why-not tells it";
}

TEST_F(ScratchProcess, OneThatIsOffForgetsSinceWhenItWaited) {
  ask();
  EXPECT_TRUE(state_.goals_since.contains("scratch"));
  state_.stopped.erase(kOn);
  ask();
  EXPECT_TRUE(state_.goals_since.empty());
  EXPECT_TRUE(state_.blockers.empty());
}

}  // namespace
}  // namespace annals::fsm
