#include "fsm/view/found_database.h"

#include <charconv>
#include <chrono>

#include "fsm/text/say.h"
#include "fsm/view/patroni_store.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

// By how much the clock of a node may be behind ours. Whoever wants to use a volume again has to
// delete its cluster first, which takes longer.
constexpr auto kClocksDiffer = 1min;

}  // namespace

std::optional<Timestamp> time_of_initdb(const std::string& system_identifier) {
  constexpr int kBitsBelowSeconds = 32;
  std::uint64_t number = 0;
  const char* end = system_identifier.data() + system_identifier.size();
  const auto [stop, error] = std::from_chars(system_identifier.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return Timestamp(std::chrono::seconds(number >> kBitsBelowSeconds));
}

std::optional<FoundDatabase> found_database(const ClusterState& state) {
  if (!state.begun_at || state.phase <= ProvisionPhase::kStarting) return std::nullopt;
  const std::optional<Timestamp> made = time_of_initdb(system_identifier(state));
  if (!made || *made + kClocksDiffer >= *state.begun_at) return std::nullopt;
  return FoundDatabase{.made = *made, .begun_at = *state.begun_at};
}

Message described(const FoundDatabase& found) {
  return say::database_found(found.made, found.begun_at);
}

}  // namespace annals::fsm
