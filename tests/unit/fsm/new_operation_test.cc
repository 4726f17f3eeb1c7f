// What a new operation takes: a file with a table, and a line in a list. The namespace `gathering`
// is such a file, as it would stand in src/fsm/operations, and kKinds such a list; nothing of the
// product knows of either. docs/extending.md walks along it.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/concat.h"
#include "fsm/codec/state_codec.h"
#include "fsm/codec/state_pack.h"
#include "fsm/operations/operations.h"
#include "fsm/step/absorb.h"
#include "fsm/step/events.h"
#include "fsm/step/members_query.h"
#include "fsm/step/waits.h"
#include "fsm/text/sentence.h"
#include "tests/unit/fsm/running_cluster.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

namespace gathering {

constexpr const char* kName = "gathering";

bool is_alone(const Member& member) { return !member.leads && !member.follows; }

const Member* somebody_alone(const std::vector<Member>& members) {
  const auto alone = std::ranges::find_if(members, is_alone);
  return alone == members.end() ? nullptr : &*alone;
}

// Nothing is begun that would be withdrawn at once: each step would record both.
bool is_asked(ClusterState& state) {
  const std::vector<Member> members = members_of(state);
  return state.phase == ProvisionPhase::kDone && leader_among(members) != nullptr &&
         somebody_alone(members) != nullptr;
}

std::optional<Begin> wanted(StepBuilder& builder, const OperationView& view) {
  if (!is_asked(builder.state())) return std::nullopt;
  const Member* alone = somebody_alone(view.members);
  const Message reason = literal(concat("instance ", alone->instance, " does not stream"));
  return Begin{
      .operation = PlainOperation{.name = kName, .reason = reason, .since = builder.state().now},
      .reason = reason,
      .inputs = {{.name = "streams", .value = alone->instance, .holds = false}}};
}

Message withdrawn(const OperationView& view) {
  return view.primary == nullptr ? literal("there is no primary") : Message();
}

Wait members_reported(const OperationView& view) {
  const auto& its = std::get<PlainOperation>(view.state.operation);
  const std::optional<MembersSeen>& seen = view.state.members;
  if (seen && seen->at >= its.since) return {.satisfied = true};
  return {.satisfied = false, .waits_for = literal("Patroni's member list")};
}

Wait ask_members(StepBuilder& builder, const OperationView& view) {
  const auto its = std::get<PlainOperation>(view.state.operation);
  (void)fresh_members(builder, kName, its.reason);
  return members_reported(view);
}

Wait replicas_stream(const OperationView& view) {
  const Member* alone = somebody_alone(view.members);
  if (alone == nullptr) return {.satisfied = true};
  return {.satisfied = false,
          .waits_for = literal(concat("instance ", alone->instance, " to stream")),
          .remedy = literal(concat("see Patroni's log in pod ", alone->instance, "-0"))};
}

Message complete(StepBuilder& /*builder*/, const OperationView& /*view*/) {
  return literal("every replica streams");
}

void give_up(StepBuilder& builder, const Operation& /*operation*/, const Message& why) {
  report_event_once(builder, EventType::kWarning, "GatheringFailed", why);
}

constexpr std::array kGoals{Goal{"members-reported", 1min, members_reported, ask_members},
                            Goal{"replicas-stream", 5min, replicas_stream, nullptr, Late::kGiveUp}};

const OperationKind kGathering{.name = kName,
                               .wanted = wanted,
                               .withdrawn = withdrawn,
                               .goals = kGoals,
                               .complete = complete,
                               .give_up = give_up,
                               .is_asked = is_asked};

}  // namespace gathering

constexpr std::array kKinds{&gathering::kGathering};

// The engine on the state of a cluster that runs, as step() has it: an event, the operations, what
// nobody waits for any more.
class NewOperation : public RunningCluster {
 protected:
  void SetUp() override {
    RunningCluster::SetUp();
    state_ = world_.state();
    time_ = state_.now;
  }

  Step tell(Input input, OperationKinds kinds = kKinds) {
    time_ += 1s;
    absorb(state_, {.seq = Sequence(++seq_), .time = time_, .epoch = Epoch(1), .input = input});
    Step step{.state = state_, .decisions = {}, .intents = {}, .waits_ended = {}};
    StepBuilder builder(step);
    run_operations(builder, kinds);
    end_other_waits(builder);
    state_ = step.state;
    return step;
  }
  Step pass(Duration time) {
    time_ += time;
    return tell(TimerFired{});
  }
  Step replica_is(const std::string& member) {
    PodObserved pod = state_.pods.at(instances_[1] + "-0");
    pod.member = member;
    return tell(pod);
  }
  Step patroni_answers() {
    return tell(Outcome{.intent = state_.pending.begin()->first,
                        .detail = {},
                        .uid = {},
                        .digest = {},
                        .members = {{instances_[0] + "-0", "leader running -"}}});
  }
  // "begin", "ask-members", ...
  static std::vector<std::string> transitions(const Step& step) {
    std::vector<std::string> all;
    for (const Decision& decision : step.decisions) {
      EXPECT_EQ(decision.machine, "gathering") << decision.transition;
      all.push_back(decision.transition);
    }
    return all;
  }

  using Words = std::vector<std::string>;
  ClusterState state_;
  Timestamp time_;
  std::uint64_t seq_ = 1'000'000;
};

TEST_F(NewOperation, IsNotBegunWhereNothingWantsIt) {
  EXPECT_EQ(transitions(tell(TimerFired{})), Words{});
}

TEST_F(NewOperation, GoesThroughItsGoalsInOrder) {
  const Step asks = replica_is("starting");
  EXPECT_EQ(transitions(asks), (Words{"begin", "ask-members", "not-yet-members-reported"}));
  ASSERT_EQ(asks.intents.size(), 1U);
  EXPECT_EQ(type_of(asks.intents[0].action), "ask-patroni");
  EXPECT_EQ(name_of(state_.operation), "gathering");

  EXPECT_EQ(transitions(patroni_answers()), Words{"not-yet-replicas-stream"});
  const Blocker& blocker = state_.blockers.at("gathering");
  EXPECT_EQ(sentence(blocker.waits_for), concat("instance ", instances_[1], " to stream"));
  EXPECT_EQ(blocker.deadline - blocker.since, Duration(5min)) << "from when it came to this goal";

  EXPECT_EQ(transitions(replica_is("streaming")), Words{"complete"});
  EXPECT_EQ(name_of(state_.operation), "");
  EXPECT_TRUE(state_.blockers.empty());
}

TEST_F(NewOperation, GivesUpWhereItsTableSaysSo) {
  replica_is("starting");
  patroni_answers();
  EXPECT_EQ(transitions(pass(4min)), Words{});
  ASSERT_TRUE(state_.requeue_at) << "no event may come by itself";
  EXPECT_LE(*state_.requeue_at - time_, Duration(1min));
  const Step step = pass(1min);
  ASSERT_FALSE(step.decisions.empty());
  EXPECT_EQ(step.decisions[0].transition, "give-up");
  EXPECT_EQ(name_of(step.state.operation), "");
  ASSERT_EQ(step.intents.size(), 1U);
  EXPECT_EQ(std::get<EmitEvent>(step.intents[0].action).reason, "GatheringFailed");
}

TEST_F(NewOperation, WaitsForASteadyApiServerWithoutALineOfItsOwn) {
  tell(ServerSeen{.trouble = "it comes and goes"});
  EXPECT_EQ(replica_is("starting").intents.size(), 0U);
  EXPECT_EQ(name_of(state_.operation), "");
  EXPECT_TRUE(state_.blockers.contains("operations"));
  EXPECT_EQ(tell(ServerSeen{}).intents.size(), 1U);
  EXPECT_EQ(name_of(state_.operation), "gathering");
}

TEST_F(NewOperation, IsRecordedWithoutALineInAnyCodec) {
  replica_is("starting");
  const Result<DecodedSnapshot> decoded = decode_snapshot(encode_snapshot(state_));
  ASSERT_TRUE(decoded.has_value()) << to_string(decoded.error());
  EXPECT_EQ(decoded->state.operation, state_.operation);
  EXPECT_EQ(unpack_state(pack_state(state_)).operation, state_.operation);
}

// A journal that a newer version has written, after the way back.
TEST_F(NewOperation, IsAbandonedByAVersionWithoutIt) {
  replica_is("starting");
  EXPECT_EQ(transitions(tell(TimerFired{}, OperationKinds{})), Words{"abandon"});
  EXPECT_EQ(name_of(state_.operation), "");
}

}  // namespace
}  // namespace annals::fsm
