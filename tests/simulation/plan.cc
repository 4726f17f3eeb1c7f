#include "tests/simulation/plan.h"

#include <array>

#include "base/concat.h"

namespace annals::simulation {
namespace {

constexpr std::array kRequestWords{
    "409 Conflict",       "422 Invalid",        "429 Too Many Requests", "401 Unauthorized",
    "403 Forbidden",      "503 Unavailable",    "never arrives",         "its answer is lost",
    "504 after the deed", "arrives much later", "arrives twice",         "its answer takes long"};
constexpr std::array kStreamWords{"dropped",  "repeats events", "stalls silently",
                                  "410 Gone", "half a line",    "lists from a stale replica"};
constexpr std::array kFaultStateWords{
    "no API server", "slow API server", "quota exceeded",   "no node for pods",
    "no images",     "silent watches",  "mutating webhook", "Patroni has no leader",
    "two leaders",   "database down",   "failing Jobs",     "slow disk"};
constexpr std::array kNetworkWords{
    "the sites do not see each other", "answers of the other site come late",
    "questions to the other site are lost", "a site does not reach the object store"};
static_assert(kNetworkWords.size() == kNetworkFaults);
static_assert(kRequestWords.size() == kRequestFaults && kStreamWords.size() == kStreamFaults &&
              kFaultStateWords.size() == kFaultStates);

// How often each kind is drawn, of 100.
constexpr std::array<std::uint64_t, kFaultKinds> kShares{14, 24, 16, 16, 4, 6, 10, 3, 3, 4};

FaultKind draw_kind(Random& random) {
  std::uint64_t at = random.below(100);
  for (std::size_t kind = 0; kind < kShares.size(); ++kind) {
    if (at < kShares[kind]) return static_cast<FaultKind>(kind);
    at -= kShares[kind];
  }
  return FaultKind::kRequest;
}

}  // namespace

std::string to_string(const Fault& fault) {
  const std::string when = concat("at ", fault.at, " ms: ");
  const std::string length = concat(" for ", fault.length_ms, " ms");
  switch (fault.kind) {
    case FaultKind::kCrash:
      return concat("the operator dies at boundary ", fault.at, "; ", fault.argument,
                    " unacknowledged batches survive");
    case FaultKind::kRequest:
      return concat("request ", fault.at, ": ", kRequestWords.at(fault.argument % kRequestFaults));
    case FaultKind::kStream:
      return concat(when, "watch ", fault.argument / kStreamFaults, " ",
                    kStreamWords.at(fault.argument % kStreamFaults));
    case FaultKind::kFaultState:
      return concat(when, kFaultStateWords.at(fault.argument % kFaultStates), length);
    case FaultKind::kDisk:
      return concat(when, "the operator's disk fails");
    case FaultKind::kPod:
      return concat(when, "a pod is ended (", fault.argument, ")");
    case FaultKind::kExternalEdit:
      return concat(when, "somebody edits or deletes an object (", fault.argument, ")");
    case FaultKind::kPause:
      return concat(when, "the operator stands still", length);
    case FaultKind::kClock:
      return concat(when, "the operator's clock is set ",
                    fault.argument % 2 == 0 ? "forward" : "back", " by ", fault.length_ms, " ms");
    case FaultKind::kRollback:
      return concat(when, "an older copy of the journal's volume is put back (", fault.argument,
                    " %)");
    case FaultKind::kNetwork:
      return concat(when, kNetworkWords.at(fault.argument % kNetworkFaults), length, " (",
                    fault.argument / kNetworkFaults, ")");
  }
  return "?";
}

// Long ones too: a person decides meanwhile.
Plan draw_network_faults(Random random, const Extent& extent) {
  Plan plan;
  const std::uint64_t count = random.below(4);
  for (std::uint64_t i = 0; i < count; ++i)
    plan.push_back({.kind = FaultKind::kNetwork,
                    .at = random.below(extent.last_deed_ms + 8'000),
                    .argument = random.below(1'000),
                    .length_ms = random.between(500, random.chance(30) ? 300'000 : 20'000)});
  return plan;
}

Plan draw_plan(Random random, const Extent& extent) {
  Plan plan;
  const std::uint64_t count = random.below(7);
  for (std::uint64_t i = 0; i < count; ++i) {
    Fault fault;
    fault.kind = draw_kind(random);
    fault.at = random.below(extent.last_deed_ms + 8'000);
    fault.length_ms = random.between(50, random.chance(20) ? 90'000 : 8'000);
    fault.argument = random.below(1'000);
    if (fault.kind == FaultKind::kCrash) {
      fault.at = random.between(1, extent.boundaries + 1);
      fault.argument = random.below(4);
    } else if (fault.kind == FaultKind::kRequest) {
      fault.at = random.between(1, extent.requests + 1);
    } else if (fault.kind == FaultKind::kRollback) {
      fault.argument = random.below(100);
    }
    plan.push_back(fault);
  }
  return plan;
}

}  // namespace annals::simulation
