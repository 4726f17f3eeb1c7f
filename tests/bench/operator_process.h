// The operator as a process of its own, and what it answers over HTTP.
#pragma once

#include <sys/types.h>

#include <boost/asio/awaitable.hpp>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace annals::bench {

class OperatorProcess {
 public:
  // Its journal and its log are in the directory, and stay there for a successor. Without a program
  // it is the one that takes what would go to a database for done.
  OperatorProcess(const std::string& directory, const std::string& kubeconfig,
                  std::string program = {});
  OperatorProcess(const OperatorProcess&) = delete;
  OperatorProcess& operator=(const OperatorProcess&) = delete;
  // Asks it to end, and waits until it has.
  ~OperatorProcess();

  // The most memory that it has had so far.
  double peak_bytes() const;

 private:
  pid_t pid_ = -1;
};

// Until it says that it is ready; fails after two minutes.
boost::asio::awaitable<void> await_ready_operator(const Clock& clock);

// Its answer to a GET; empty while it does not answer, or says that it is not ready.
boost::asio::awaitable<std::string> ask(std::string path);

// The sum of a metric's values over the label sets that hold `label`.
double sum_of(const std::string& metrics, std::string_view name, std::string_view label = {});

// What it has asked of the API server, but for the lease, whose renewals are the only PUT.
double requests(const std::string& metrics);
// Of these, what changes something.
double writes(const std::string& metrics);

}  // namespace annals::bench
