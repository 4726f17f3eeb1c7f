// Plan: everything that goes wrong in a run, as values: drawn from a seed, printed in words, and
// taken away one by one when a failure is made smaller. Source: the groups of faults that research
// on controllers names (crashes at each durable point, lost answers, broken and stale watches,
// identity, concurrent writers, storage, PostgreSQL, Kubernetes).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/simulation/random.h"

namespace annals::simulation {

enum class FaultKind : std::uint8_t {
  kCrash,         // at: the number of the boundary; argument: how much of the unsynced end survives
  kRequest,       // at: the number of the request; argument: a RequestFault
  kStream,        // at: ms; argument: which stream, and which StreamFault
  kFaultState,    // at: ms, for length; argument: which
  kDisk,          // at: ms: the next sync fails
  kPod,           // at: ms; argument: which pod is ended (eviction, a crash of the primary)
  kExternalEdit,  // at: ms; argument: which object somebody edits or deletes
  kPause,         // at: ms, for length: the process stands still, past its lease if long enough
  kClock,         // at: ms: the operator's clock is set forward or back
  kRollback,      // at: ms: the process dies and an older copy of its volume comes back
  kNetwork,       // at: ms, for length; argument: a NetworkFault between sites
};
inline constexpr std::uint64_t kFaultKinds =
    10;  // that every scenario has; the network comes on top

enum class RequestFault : std::uint8_t {
  kConflict,  // 409, 422, 429, 401, 403, 503: refused, nothing happened
  kInvalid,
  kTooMany,
  kUnauthorized,
  kForbidden,
  kUnavailable,
  kLost,            // it never arrives; the outcome is unknown
  kAnswerLost,      // it is done; the outcome is unknown
  kGatewayTimeout,  // 504 after it was done
  kLate,            // reported unknown, and done much later
  kTwice,           // it arrives twice
  kSlow,            // the answer takes long
};
inline constexpr std::uint64_t kRequestFaults = 12;

enum class NetworkFault : std::uint8_t {
  kSplit,           // no site sees another one
  kSlow,            // answers come late
  kLosesQuestions,  // some get no answer
  kNoStore,         // one site does not reach the object store
};
inline constexpr std::uint64_t kNetworkFaults = 4;
inline constexpr std::uint64_t kStreamFaults = 6;
inline constexpr std::uint64_t kFaultStates = 12;

struct Fault {
  FaultKind kind = FaultKind::kCrash;
  std::uint64_t at = 0;
  std::uint64_t argument = 0;
  std::uint64_t length_ms = 0;

  friend bool operator==(const Fault&, const Fault&) = default;
};

std::string to_string(const Fault& fault);

using Plan = std::vector<Fault>;

// How far a run reaches without faults: what a plan may strike.
struct Extent {
  std::uint64_t boundaries = 0;
  std::uint64_t requests = 0;
  std::uint64_t last_deed_ms = 0;
};

Plan draw_plan(Random random, const Extent& extent);
// What goes wrong between sites.
Plan draw_network_faults(Random random, const Extent& extent);

}  // namespace annals::simulation
