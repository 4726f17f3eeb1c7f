#include "k8s/transport/server_state.h"

#include <algorithm>
#include <chrono>

#include "base/concat.h"

namespace annals::k8s {
namespace {

constexpr std::size_t kRemembered = 20;
constexpr std::size_t kTooMany = 3;  // of those remembered
constexpr Duration kMinute = std::chrono::minutes(1);

}  // namespace

bool ServerState::is_outage(const ApiError& error) {
  return error.status == 0 || error.unavailable();
}

void ServerState::remember(Duration now, bool failed) {
  last_.push_back({.at = now, .failed = failed});
  if (last_.size() > kRemembered) last_.pop_front();
}

std::string ServerState::unsteadiness(Duration now) const {
  if (failures_ > 1) return concat("no answer: ", reason_);
  const auto failed = static_cast<std::size_t>(std::ranges::count_if(
      last_, [&](const Request& each) { return each.failed && now - each.at <= kMinute; }));
  if (failed < kTooMany) return {};
  return concat(failed, " of the last ", last_.size(),
                " requests failed, last error: ", last_reason_);
}

bool ServerState::answered(Duration now) {
  remember(now, false);
  if (failures_ == 0) return false;
  failures_ = 0;
  since_ = now;
  reason_.clear();
  return true;
}

bool ServerState::failed(Duration now, const ApiError& error) {
  remember(now, true);
  reason_ = to_string(error);
  last_reason_ = reason_;
  if (failures_++ > 0) return false;
  since_ = now;
  return true;
}

}  // namespace annals::k8s
