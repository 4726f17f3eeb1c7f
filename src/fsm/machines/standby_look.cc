#include "fsm/machines/standby_look.h"

#include <chrono>

#include "fsm/step/events.h"
#include "fsm/step/standby_query.h"
#include "fsm/text/say.h"
#include "fsm/view/database.h"
#include "fsm/view/promotion_ground.h"
#include "fsm/view/rendering.h"
#include "fsm/view/standby.h"
#include "fsm/view/standby_progress.h"
#include "fsm/view/standby_silence.h"
#include "fsm/view/standing_look.h"
#include "manifests/labels.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kBetweenLooksAtStandby = 10s;
constexpr Duration kBetweenFigures = 1min;
constexpr const char* kRefused = "StandbyPromotionRefused";
constexpr const char* kReceivesNothing = "StandbyReceivesNothing";
// A link that comes back by itself is no news for people.
constexpr Duration kToldAfter = 5min;

void tell_of_silence(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (feed_of(state) != Feed::kSilent) return clear_event(state, kReceivesNothing);
  const Timestamp since = silent_since(state);
  if (state.now < since + kToldAfter) return requeue_at(state, since + kToldAfter);
  report_event(builder, EventType::kWarning, kReceivesNothing, silence_in_words(state));
}

// Of an archive nobody tells when it falls silent.
void wake_when_silent(ClusterState& state) {
  if (feed_of(state) != Feed::kFromArchive) return;
  const StandbySeen& seen = *state.standby;
  requeue_at(state, seen.moved_at.value_or(seen.first_at.value_or(seen.at)) + kArchiveIsSilent);
}

// Until it stops, or somebody takes the risk.
void tell_of_refusal(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const PromotionGround ground =
      promotion_key(state).empty() ? PromotionGround() : promotion_ground(state);
  if (ground.kind != Ground::kWrites) return clear_event(state, kRefused);
  report_event(builder, EventType::kWarning, kRefused, say::promotion_refused(ground.text));
}

// Who wrote it is known as long as nothing else has changed since.
void note_permit(ClusterState& state) {
  const std::string text = promotion_consent(state);
  if (text.empty()) return state.role.permit.reset();
  if (state.role.permit && state.role.permit->text == text) return;
  const bool is_its = state.changes.text.contains(manifests::annotation::kStandbyPromotion);
  state.role.permit =
      PromotionPermit{.text = text, .writer = is_its ? state.changes.actor : std::string()};
}

void forget_standby(ClusterState& state) {
  state.standby.reset();
  // That of a primary asks whom it is to follow.
  if (!keeps_primary(state, rendered(state).cluster)) end_standing_look(state, kStandbyTarget);
  clear_event(state, kReceivesNothing);
  clear_event(state, kRefused);
  state.role.permit.reset();
}

}  // namespace

void decide_standby_look(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (!follows_another(state) || rendered(state).cluster.spec.shutdown)
    return forget_standby(state);
  note_permit(state);
  tell_of_refusal(builder);
  tell_of_silence(builder);
  wake_when_silent(state);
  if (is_being_promoted(state)) return;
  const PodObserved* pod = leader(state);
  if (pod == nullptr || !pod->standby_leader) return end_standing_look(state, kStandbyTarget);
  const StandbyQuestion once{.machine = "standby"};
  if (!state.standby) return ask_standby(builder, once, say::standby_not_looked_at_yet());
  if (state.standby->pod != pod->uid)
    return ask_standby(builder, once, say::another_pod_leads(pod->name));
  // Of a promotion that was withdrawn.
  if (state.standby->its.claims)
    return ask_standby(builder, {.machine = "standby", .claim = Claim::kTakeBack},
                       say::claim_to_be_taken_back());
  keep_looking_at_standby(builder,
                          {.machine = "standby",
                           .every = kBetweenLooksAtStandby.count(),
                           .is_silent = is_source_asked(state),
                           .between_figures = kBetweenFigures},
                          say::standby_looked_at_again());
}

}  // namespace annals::fsm
