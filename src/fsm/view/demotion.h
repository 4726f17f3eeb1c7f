// Whether a cluster that has a primary of its own may become one that follows another cluster: what
// it has written since they parted would be thrown away. So nothing has parted, by what the other
// one says, or somebody has to say so.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "fsm/model/state.h"

namespace annals::fsm {

enum class DemotionRight : std::uint8_t {
  kNone,      // no standby is asked for, or nobody leads
  kConsent,   // somebody gives up what is written on the timeline that it is on
  kUnparted,  // whoever it is to follow goes on where it is
  kNotAsked,  // that is not known yet
  kUnknown,   // nobody says so
  kParted,    // it does not
};

struct DemotionGround {
  DemotionRight right = DemotionRight::kNone;
  Message text{};  // of kUnparted by what; of what permits nothing why not
};

// By the last answer.
DemotionGround demotion_ground(ClusterState& state);
bool permits_demotion(DemotionRight right);
bool is_demotion_permitted(ClusterState& state);

// Whom a primary is to follow by its host, which can be asked.
struct Successor {
  std::string host;
  std::int64_t port = 0;
};
std::optional<Successor> successor_of(ClusterState& state);
// What it has said to the primary that leads now; null for nothing.
const OtherSeen* answer_of_successor(ClusterState& state);
// The repository by which alone a primary is to follow another cluster; empty for none.
std::string repository_to_follow(ClusterState& state);

// So long an answer counts. A primary may be promoted there at any moment.
inline constexpr Duration kSuccessorIsFresh = std::chrono::seconds(15);
// What the ground goes by is not older; consent needs no answer.
bool is_ground_fresh(ClusterState& state);

// Why a cluster that keeps its primary is no standby, and what helps.
Message not_taken_up(ClusterState& state);

// Of its primary, or of whoever led last; 0 where it is not known.
std::int64_t own_timeline(const ClusterState& state);

}  // namespace annals::fsm
