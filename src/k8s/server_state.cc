#include "k8s/server_state.h"

namespace annals::k8s {
namespace {

constexpr int kServiceUnavailable = 503;

}  // namespace

bool ServerState::is_outage(const ApiError& error) {
  return error.status == 0 || error.status == kServiceUnavailable;
}

bool ServerState::answered(Duration now) {
  if (failures_ == 0) return false;
  failures_ = 0;
  since_ = now;
  reason_.clear();
  return true;
}

bool ServerState::failed(Duration now, const ApiError& error) {
  reason_ = to_string(error);
  if (failures_++ > 0) return false;
  since_ = now;
  return true;
}

}  // namespace annals::k8s
