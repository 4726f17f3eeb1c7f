#include "fsm/view/promotion_ground.h"

#include <algorithm>

#include "fsm/text/say.h"
#include "fsm/view/database.h"
#include "fsm/view/named_receipt.h"
#include "fsm/view/rendering.h"
#include "fsm/view/standby.h"
#include "manifests/labels.h"
#include "spec/restore_target.h"

namespace annals::fsm {
namespace {

// The record of a checkpoint, with its header and its alignment, and the longest header of a page
// that may lie within it.
constexpr std::uint64_t kCheckpointRecord = 120;
constexpr std::uint64_t kPage = 8192;
constexpr std::uint64_t kPageHeader = 40;

// Both clusters leave it at one place. What this one has left as a primary says nothing of the
// other one, though it stands exactly there.
bool is_own(ClusterState& state, const Receipt& receipt) {
  if (state.receipt && state.receipt->its == receipt) return true;
  const std::int64_t kept = kept_timeline(state, rendered(state).cluster);
  return kept > 0 && receipt.timeline == kept;
}

// The newest one counts, whichever repository has it.
const ReceiptAnswer* newest_receipt(ClusterState& state, const StandbyAnswer& answer) {
  const ReceiptAnswer* newest = nullptr;
  for (const ReceiptAnswer& each : answer.receipts) {
    if (!each.receipt || is_own(state, *each.receipt)) continue;
    if (newest == nullptr || newest->receipt->at < each.receipt->at) newest = &each;
  }
  return newest;
}

PromotionGround of_receipt(const Receipt& receipt, const std::string& where) {
  return {.kind = Ground::kReceipt,
          .text = say::receipt_holds(where, receipt.cluster, receipt.timeline,
                                     spec::lsn_text(receipt.end_lsn)),
          .receipt = receipt};
}

PromotionGround by_named_receipt(const std::string& text, const StandbyAnswer& answer) {
  const std::optional<Receipt> receipt = read_named_receipt(text);
  if (!receipt) return {.kind = Ground::kMistaken, .text = say::receipt_not_read(text)};
  if (Message fault = fault_of(*receipt, answer); !fault.empty())
    return {.kind = Ground::kMistaken, .text = std::move(fault)};
  return of_receipt(*receipt, manifests::annotation::kStandbyPromotion);
}

// What was looked at and is no proof.
Message doubts_about(ClusterState& state, const StandbyAnswer& answer) {
  const ReceiptAnswer* receipt = newest_receipt(state, answer);
  Message about_receipt = receipt == nullptr ? Message() : fault_of(*receipt->receipt, answer);
  if (receipt == nullptr) {
    const auto unread = std::ranges::find_if(
        answer.receipts, [](const ReceiptAnswer& each) { return !each.trouble.empty(); });
    if (unread != answer.receipts.end())
      about_receipt = say::receipt_not_reached(unread->repo, unread->trouble);
    else if (!answer.receipts.empty())
      about_receipt = say::receipt_not_there();
  }
  return say::source_in_doubt(source_in_words(answer.source), std::move(about_receipt));
}

}  // namespace

Message source_in_words(const SourceAnswer& source) {
  switch (source.state) {
    case SourceState::kNotAsked:
      return say::source_not_asked();
    case SourceState::kWrites:
      return say::source_writes(source.host);
    case SourceState::kFollows:
      return say::source_follows(source.host);
    case SourceState::kRecovers:
      return say::source_recovers(source.host);
    case SourceState::kRefuses:
      return say::source_refuses(source.host, source.words);
    case SourceState::kSilent:
      return say::source_does_not_answer(source.host, source.words);
    case SourceState::kLocksOut:
      return say::source_locks_out(source.host, source.words);
    case SourceState::kStranger:
      return say::source_is_another(source.host);
    case SourceState::kOneOfOurs:
      return say::source_is_this(source.host);
    case SourceState::kFollowsUs:
      return say::source_follows_us(source.host);
    case SourceState::kUnreadable:
      break;
  }
  return say::source_not_understood(source.host, source.words);
}

std::string promotion_consent(ClusterState& state) {
  const auto& annotations = rendered(state).cluster.annotations;
  const auto found = annotations.find(manifests::annotation::kStandbyPromotion);
  const bool counts = found != annotations.end() && found->second != state.role.used_permit;
  return counts ? found->second : std::string();
}

std::string promotion_key(const ClusterState& state) {
  const auto* operation = std::get_if<PlainOperation>(&state.operation);
  if (operation == nullptr || operation->name != kPromotionName) return {};
  return annals::to_string(operation->since);
}

const StandbyAnswer* answer_for_promotion(const ClusterState& state) {
  const std::string key = promotion_key(state);
  const PodObserved* pod = leader(state);
  if (!state.standby || key.empty() || pod == nullptr) return nullptr;
  const bool is_its = state.standby->promotion == key && state.standby->pod == pod->uid;
  return is_its ? &state.standby->its : nullptr;
}

std::uint64_t end_of_checkpoint(std::uint64_t lsn) {
  const bool is_within_page = lsn % kPage + kCheckpointRecord <= kPage;
  return lsn + kCheckpointRecord + (is_within_page ? 0 : kPageHeader);
}

Message fault_of(const Receipt& receipt, const StandbyAnswer& answer) {
  if (receipt.withdrawn) return say::receipt_withdrawn(receipt.cluster);
  if (!receipt.system_id.empty() && receipt.system_id != answer.system_id)
    return say::receipt_of_another(receipt.cluster, receipt.system_id);
  if (receipt.timeline < answer.timeline)
    return say::receipt_of_older_timeline(receipt.timeline, answer.timeline);
  const std::uint64_t seen = std::max(answer.received_lsn, answer.replayed_lsn);
  const bool is_behind = receipt.checkpoint_lsn != 0 && receipt.timeline == answer.timeline &&
                         seen > end_of_checkpoint(receipt.checkpoint_lsn);
  if (is_behind)
    return say::receipt_overtaken(spec::lsn_text(receipt.checkpoint_lsn), spec::lsn_text(seen));
  return {};
}

// In recovery it may tell an older timeline than it is on.
bool is_replayed(const SourceAnswer& source, const StandbyAnswer& answer) {
  return answer.timeline >= source.timeline && answer.replayed_lsn >= source.lsn;
}

bool is_replayed(const Receipt& receipt, const StandbyAnswer& answer) {
  return answer.timeline == receipt.timeline && answer.replayed_lsn >= receipt.end_lsn;
}

PromotionGround promotion_ground(ClusterState& state) {
  const std::string consent = promotion_consent(state);
  if (!consent.empty() && !names_receipt(consent)) {
    const std::string writer = state.role.permit ? state.role.permit->writer : "";
    return {.kind = Ground::kForced, .text = say::promotion_forced(consent, writer)};
  }
  const StandbyAnswer* answer = answer_for_promotion(state);
  if (answer == nullptr) return {};
  if (answer->source.state == SourceState::kWrites)
    return {.kind = Ground::kWrites, .text = source_in_words(answer->source)};
  if (answer->source.claims)
    return {.kind = Ground::kClaimed, .text = say::source_claims(answer->source.host)};
  // The other one has not been told of this one: it may be promoted as well.
  if (!answer->claims) return {};
  if (!consent.empty()) return by_named_receipt(consent, *answer);
  const ReceiptAnswer* receipt = newest_receipt(state, *answer);
  if (receipt != nullptr && fault_of(*receipt->receipt, *answer).empty())
    return of_receipt(*receipt->receipt, receipt->repo);
  const SourceState source = answer->source.state;
  if (source == SourceState::kRecovers || source == SourceState::kFollowsUs)
    return {.kind = Ground::kRecovers,
            .text = source_in_words(answer->source),
            .source = answer->source};
  const bool is_guarded = state.config->standby_promotion == kPromotionGuarded;
  if (is_guarded) return {.kind = Ground::kAwaitsPerson, .text = doubts_about(state, *answer)};
  const std::optional<Timestamp> ceased = state.standby->ceased_at;
  const bool may_come_back = ceased && state.now < *ceased + kSourceMayComeBack;
  return {.kind = may_come_back ? Ground::kMayComeBack : Ground::kUnproven,
          .text = doubts_about(state, *answer)};
}

bool gives_way(ClusterState& state) {
  const StandbyAnswer* answer = answer_for_promotion(state);
  return answer != nullptr && answer->source.claims &&
         kept_timeline(state, rendered(state).cluster) > 0;
}

bool permits_promotion(Ground ground) {
  return ground == Ground::kForced || ground == Ground::kReceipt || ground == Ground::kRecovers ||
         ground == Ground::kUnproven;
}

}  // namespace annals::fsm
