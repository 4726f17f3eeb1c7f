#include "k8s/watch/initial_events.h"

#include <algorithm>

namespace annals::k8s {
namespace {

constexpr int kBadRequest = 400;
constexpr int kUnprocessable = 422;

// What a server answers to a request for them that it does not know, or that is not switched on.
bool refuses_initial_events(const ApiError& error) {
  return error.trouble == Trouble::kRefused &&
         (error.status == kBadRequest || error.status == kUnprocessable);
}

}  // namespace

std::string_view to_string(StreamEnd how) {
  switch (how) {
    case StreamEnd::kClosed:
      return "closed";
    case StreamEnd::kSilent:
      return "silent";
    case StreamEnd::kExpired:
      return "expired";
    case StreamEnd::kBusy:
      return "busy";
    case StreamEnd::kBroken:
      return "broken";
  }
  return "broken";
}

void InitialEvents::begin(Duration now) {
  under_way_ = true;
  last_ = now;
}

void InitialEvents::all_came() {
  under_way_ = false;
  interruptions_ = 0;
}

Duration InitialEvents::patience(Duration now) const {
  return std::max(last_ + patience_ - now, Duration(1));
}

bool InitialEvents::ended(StreamEnd how, const ApiError& error, bool opened, Duration lasted) {
  under_way_ = false;
  const bool whole_length = how == StreamEnd::kClosed && lasted >= stream_length_;
  if (refuses_initial_events(error) || how == StreamEnd::kSilent || whole_length) {
    served_ = false;
    return true;
  }
  // An outage says nothing of what the server can do.
  return opened && ++interruptions_ == kInterruptionsMax;
}

}  // namespace annals::k8s
