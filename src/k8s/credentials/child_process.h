// Runs a program to its end without blocking the loop. It inherits our environment, reads nothing,
// and stands in a process group of its own, all of which is killed when its time is over or when
// whoever awaits it is cancelled.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace annals::k8s {

struct ChildCommand {
  std::string program;  // a path, or a name that PATH leads to
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;  // beside what is inherited
  Duration timeout = std::chrono::seconds(60);
  std::size_t output_bytes_max = std::size_t{1} << 20U;
};

struct ChildEnd {
  int code = 0;    // exit code; meaningless after a signal
  int signal = 0;  // that ended it; 0 for none
  Secret output;
  std::string error_output;  // its beginning
};

// kNotFound or kForbidden when it cannot be started, kTimeout, kInvalid when it prints too much.
boost::asio::awaitable<Result<ChildEnd>> run_child(ChildCommand command);

}  // namespace annals::k8s
