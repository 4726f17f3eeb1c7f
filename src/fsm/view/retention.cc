#include "fsm/view/retention.h"

#include <charconv>
#include <chrono>

#include "fsm/view/rendering.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr auto kVolumesKept = 24h;

}  // namespace

std::optional<Duration> retention_of(const std::string& text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [unit, error] = std::from_chars(text.data(), end, number);
  constexpr std::int64_t kMax = 100'000;
  if (error != std::errc() || unit + 1 != end || number < 0 || number > kMax) return std::nullopt;
  switch (*unit) {
    case 's':
      return std::chrono::seconds(number);
    case 'm':
      return std::chrono::minutes(number);
    case 'h':
      return std::chrono::hours(number);
    case 'd':
      return std::chrono::days(number);
    default:
      return std::nullopt;
  }
}

Timestamp end_of(ClusterState& state, const Retired& retired) {
  const auto& annotations = rendered(state).cluster.annotations;
  const auto kept = annotations.find(kRetentionAnnotation);
  const std::optional<Duration> requested =
      kept == annotations.end() ? std::nullopt : retention_of(kept->second);
  return retired.since + requested.value_or(kVolumesKept);
}

}  // namespace annals::fsm
