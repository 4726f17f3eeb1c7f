// Whether a standby may be promoted: what is known of the cluster that it follows, and whom has
// taken the risk where nothing is. Two clusters that both take writes are worse than none.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "fsm/model/state.h"

namespace annals::fsm {

enum class Ground : std::uint8_t {
  kNotAsked,      // no answer is of this promotion
  kForced,        // a person has said who and why
  kReceipt,       // the other cluster has ended cleanly, and has left a receipt
  kRecovers,      // it is in recovery, and receives nothing
  kUnproven,      // nobody knows, and the operator is set to go on
  kWrites,        // it takes writes
  kClaimed,       // it is asked to lead as well
  kMayComeBack,   // it did a moment ago: a failover there looks the same
  kAwaitsPerson,  // nobody knows, and the operator is set to wait
  kMistaken,      // the receipt that a person names does not hold
};

struct PromotionGround {
  Ground kind = Ground::kNotAsked;
  Message text{};                    // why, or why not
  std::optional<Receipt> receipt{};  // what has to be replayed
  SourceAnswer source{};             // of kRecovers: likewise, up to where that one is
};

// "10.0.0.7:5432 answers and takes writes"
Message source_in_words(const SourceAnswer& source);

// By the last answer of this promotion.
PromotionGround promotion_ground(ClusterState& state);
bool permits_promotion(Ground ground);

// Both clusters are asked to lead, and this one was the primary before: the other one goes first,
// which by then has all that this one wrote. It goes without a claim until that one has none.
bool gives_way(ClusterState& state);

// So long nobody goes by the silence of a source that wrote before: a failover there is over then.
inline constexpr Duration kSourceMayComeBack = std::chrono::minutes(2);

// The annotation's value; empty for none, and for one that an earlier promotion went by.
std::string promotion_consent(ClusterState& state);

// By which promotion looks are asked for: when it began. Empty while there is none.
std::string promotion_key(const ClusterState& state);
// The last answer of this promotion and of the one that leads; null for none.
const StandbyAnswer* answer_for_promotion(const ClusterState& state);

// The receipt stands for a database that has ended there; or why it does not for this standby.
Message fault_of(const Receipt& receipt, const StandbyAnswer& answer);
// All of it is replayed.
bool is_replayed(const Receipt& receipt, const StandbyAnswer& answer);
// All that a source has that writes nothing.
bool is_replayed(const SourceAnswer& source, const StandbyAnswer& answer);
// Where the record of a checkpoint ends that begins there: what lies behind was written later.
std::uint64_t end_of_checkpoint(std::uint64_t lsn);

}  // namespace annals::fsm
