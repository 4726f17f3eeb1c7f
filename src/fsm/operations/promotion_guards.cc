#include "fsm/operations/promotion_guards.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "fsm/step/events.h"
#include "fsm/step/standby_query.h"
#include "fsm/text/say.h"
#include "fsm/text/sentence.h"
#include "fsm/view/database.h"
#include "fsm/view/promotion_ground.h"
#include "fsm/view/standby.h"
#include "fsm/view/standby_progress.h"
#include "manifests/labels.h"
#include "spec/restore_target.h"

namespace annals::fsm::promotion {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kWhileReplaying = 2s;
constexpr std::chrono::seconds kWhileWaiting = 10s;
// Of a planned switch the other edit comes soon, and nobody can write until the source has ended.
constexpr std::chrono::seconds kDuringSwitch = 2s;
constexpr Duration kOfSwitch = 5min;
// Replay that goes on is watched; a person may take days.
constexpr Duration kBetweenFiguresOfReplay = 10s;
constexpr Duration kBetweenFiguresOfWait = 1min;
// Nobody knows whether the source writes again by now.
constexpr Duration kAnswerIsFresh = 15s;
constexpr const char* kConsent = manifests::annotation::kStandbyPromotion;

Claim claim_of(ClusterState& state) {
  if (!gives_way(state)) return Claim::kMake;
  return answer_for_promotion(state)->claims ? Claim::kTakeBack : Claim::kLeave;
}

StandbyQuestion question_of(ClusterState& state, std::chrono::seconds every,
                            std::uint64_t awaited = 0) {
  return {.machine = kPromotionName,
          .every = every.count(),
          .promotion = promotion_key(state),
          .claim = claim_of(state),
          .awaited = awaited,
          .between_figures = awaited == 0 ? kBetweenFiguresOfWait : kBetweenFiguresOfReplay};
}

// Seldom after a while: it may wait for days.
std::chrono::seconds pause_while_waiting(ClusterState& state) {
  Timestamp since = std::get<PlainOperation>(state.operation).since;
  if (state.standby && state.standby->ceased_at) since = std::max(since, *state.standby->ceased_at);
  if (state.now >= since + kOfSwitch) return kWhileWaiting;
  requeue_at(state, since + kOfSwitch);
  return kDuringSwitch;
}

void ask_once(StepBuilder& builder) {
  ask_standby(builder, question_of(builder.state(), 0s), say::promotion_to_be_grounded());
}

void watch(StepBuilder& builder, std::chrono::seconds every, std::uint64_t awaited) {
  ClusterState& state = builder.state();
  if (answer_for_promotion(state) == nullptr) return ask_once(builder);
  keep_looking_at_standby(builder, question_of(state, every, awaited),
                          say::standby_looked_at_again());
}

// Where nothing says which of them has more, a person does.
Wait wait_for_other_one(ClusterState& state, const Message& source) {
  return {.satisfied = false,
          .waits_for =
              gives_way(state) ? say::source_goes_first(source) : say::source_to_follow(source),
          .remedy = say::source_to_follow_remedy(kConsent)};
}

Wait wait_for_ground(ClusterState& state, const PromotionGround& ground) {
  switch (ground.kind) {
    case Ground::kWrites:
      return {.satisfied = false,
              .waits_for = say::source_to_stop(ground.text),
              .remedy = say::source_to_stop_remedy(kConsent)};
    case Ground::kClaimed:
      return wait_for_other_one(state, ground.text);
    case Ground::kMayComeBack:
      requeue_at(state, *state.standby->ceased_at + kSourceMayComeBack);
      return {.satisfied = false,
              .waits_for = say::source_to_stay_away(
                  ground.text, annals::to_string(*state.standby->ceased_at + kSourceMayComeBack)),
              .remedy = say::source_to_stay_away_remedy(kConsent)};
    case Ground::kAwaitsPerson:
      return {.satisfied = false,
              .waits_for = say::consent_to_promotion(ground.text),
              .remedy = say::consent_to_promotion_remedy(kConsent)};
    case Ground::kMistaken:
      return {.satisfied = false,
              .waits_for = say::receipt_to_hold(kConsent, ground.text),
              .remedy = say::receipt_to_hold_remedy()};
    default:
      break;
  }
  Message obstacle = obstacle_to_standby(state);
  Message remedy = obstacle.empty() ? Message() : say::source_to_be_asked_remedy(kConsent);
  return {.satisfied = false,
          .waits_for = say::source_to_be_asked(std::move(obstacle)),
          .remedy = std::move(remedy)};
}

Message remedy_of_replay(const ClusterState& state, Message otherwise) {
  const StandbyAnswer* answer = answer_for_promotion(state);
  const PodObserved* pod = leader(state);
  if (answer == nullptr || pod == nullptr || !answer->is_replay_paused) return otherwise;
  return say::standby_replay_paused(pod->name);
}

bool is_unreachable(const ClusterState& state) { return !obstacle_to_standby(state).empty(); }

}  // namespace

Wait source_stopped(const OperationView& view) {
  ClusterState& state = view.state;
  if (!follows_another(state)) return {.satisfied = true};
  const PromotionGround ground = promotion_ground(state);
  if (permits_promotion(ground.kind)) return {.satisfied = true};
  return wait_for_ground(state, ground);
}

Wait ask_for_source(StepBuilder& builder, const OperationView& view) {
  watch(builder, pause_while_waiting(view.state), 0);
  return source_stopped(view);
}

Wait receipt_replayed(const OperationView& view) {
  ClusterState& state = view.state;
  if (!follows_another(state)) return {.satisfied = true};
  const PromotionGround ground = promotion_ground(state);
  const StandbyAnswer* answer = answer_for_promotion(state);
  if (answer == nullptr) return {.satisfied = true};
  if (!ground.receipt && ground.kind == Ground::kRecovers && !is_replayed(ground.source, *answer))
    return {.satisfied = false,
            .waits_for = say::source_to_be_replayed(
                ground.source.host, spec::lsn_text(ground.source.lsn), ground.source.timeline,
                spec::lsn_text(answer->replayed_lsn)),
            .remedy = remedy_of_replay(state, say::source_to_be_replayed_remedy(kConsent))};
  if (!ground.receipt || is_replayed(*ground.receipt, *answer)) return {.satisfied = true};
  return {.satisfied = false,
          .waits_for = say::receipt_to_be_replayed(spec::lsn_text(ground.receipt->end_lsn),
                                                   ground.receipt->timeline,
                                                   spec::lsn_text(answer->replayed_lsn)),
          .remedy = remedy_of_replay(state, say::receipt_to_be_replayed_remedy(kConsent))};
}

Wait watch_receipt(StepBuilder& builder, const OperationView& view) {
  const PromotionGround ground = promotion_ground(view.state);
  watch(builder, kWhileReplaying, ground.receipt ? ground.receipt->end_lsn : ground.source.lsn);
  return receipt_replayed(view);
}

Wait wal_replayed(const OperationView& view) {
  ClusterState& state = view.state;
  if (!follows_another(state)) return {.satisfied = true};
  const StandbyAnswer* answer = answer_for_promotion(state);
  // Who forces it does not wait for a server that says nothing.
  if (answer == nullptr && is_unreachable(state)) return {.satisfied = true};
  if (answer == nullptr)
    return {.satisfied = false, .waits_for = say::source_to_be_asked(Message())};
  const bool is_there =
      promotion_ground(state).receipt || answer->replayed_lsn >= answer->received_lsn;
  if (is_there) return {.satisfied = true};
  return {.satisfied = false,
          .waits_for = say::wal_to_be_replayed(spec::lsn_text(answer->received_lsn),
                                               spec::lsn_text(answer->replayed_lsn)),
          .remedy = remedy_of_replay(state, Message())};
}

Wait watch_replay(StepBuilder& builder, const OperationView& view) {
  const StandbyAnswer* answer = answer_for_promotion(view.state);
  watch(builder, kWhileReplaying, answer == nullptr ? 0 : answer->received_lsn);
  return wal_replayed(view);
}

bool is_answer_fresh(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (promotion_ground(state).kind == Ground::kForced) return true;
  const bool is_fresh =
      answer_for_promotion(state) != nullptr && state.now <= state.standby->at + kAnswerIsFresh;
  if (!is_fresh) ask_once(builder);
  return is_fresh;
}

std::vector<Predicate> grounds(ClusterState& state) {
  const PromotionGround ground = promotion_ground(state);
  const bool is_proven = ground.kind == Ground::kReceipt || ground.kind == Ground::kRecovers;
  std::vector<Predicate> inputs{
      {.name = "source-stopped", .value = sentence(ground.text), .holds = is_proven}};
  const StandbyAnswer* answer = answer_for_promotion(state);
  if (answer == nullptr) return inputs;
  const std::uint64_t end = ground.receipt ? ground.receipt->end_lsn : answer->received_lsn;
  const bool is_replayed = answer->replayed_lsn >= end;
  inputs.push_back({.name = "replayed-lsn",
                    .value = spec::lsn_text(answer->replayed_lsn),
                    .holds = is_replayed});
  inputs.push_back({.name = ground.receipt ? "receipt-end-lsn" : "received-lsn",
                    .value = spec::lsn_text(end),
                    .holds = is_replayed});
  if (ground.receipt)
    inputs.push_back({.name = "receipt-checkpoint-received",
                      .value = spec::lsn_text(ground.receipt->checkpoint_lsn),
                      .holds = answer->received_lsn > ground.receipt->checkpoint_lsn});
  return inputs;
}

void tell_of_ground(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const PromotionGround ground = promotion_ground(state);
  if (ground.kind == Ground::kForced)
    return report_event_once(builder, EventType::kWarning, "StandbyPromotionForced", ground.text);
  if (ground.kind != Ground::kUnproven) return;
  const StandbySeen& seen = *state.standby;
  const std::optional<Timestamp> last = received_at(seen);
  report_event_once(
      builder, EventType::kWarning, "StandbyPromotionUnproven",
      say::promotion_unproven(
          ground.text, spec::lsn_text(std::max(seen.its.received_lsn, seen.its.replayed_lsn)),
          last ? annals::to_string(*last) : std::string()));
}

}  // namespace annals::fsm::promotion
