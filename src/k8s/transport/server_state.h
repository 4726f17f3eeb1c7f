// ServerState: whether the API server answers, as the requests of one client tell. Pure.
#pragma once

#include <cstddef>
#include <deque>
#include <string>

#include "base/clock.h"
#include "k8s/api_error.h"

namespace annals::k8s {

class ServerState {
 public:
  // The outcome of a request, at this steady time. True when it changed what answers() says.
  bool answered(Duration now);
  bool failed(Duration now, const ApiError& error);

  // Whether an error means that the server cannot be used, rather than that it said no.
  static bool is_outage(const ApiError& error);

  bool answers() const { return failures_ == 0; }
  // Requests in a row that found no usable server.
  int failures() const { return failures_; }
  // Since when it is as answers() says.
  Duration since() const { return since_; }
  // Why the last one failed; empty while it answers.
  const std::string& reason() const { return reason_; }

  // Why nobody should rely on it at this time, though it may answer now and then: twice in a row it
  // could not be used, or several of the last requests of a minute failed. Empty: it is steady.
  std::string unsteadiness(Duration now) const;

 private:
  struct Request {
    Duration at;
    bool failed = false;
  };
  void remember(Duration now, bool failed);

  std::deque<Request> last_;  // requests, the latest at the end
  std::string last_reason_;   // of the last one that failed
  int failures_ = 0;
  Duration since_{};
  std::string reason_;
};

}  // namespace annals::k8s
