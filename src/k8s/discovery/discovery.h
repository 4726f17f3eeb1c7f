// Discovery: which version of a kind this server serves, and under which plural. So one binary runs
// on Kubernetes 1.20 (batch/v1beta1 CronJob) and on those that dropped what 1.20 had. Answers are
// remembered for a while. Belongs to the loop's thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <string>
#include <utility>

#include "base/clock.h"
#include "k8s/client/client.h"

namespace annals::k8s {

class Discovery {
 public:
  // `client` outlives this.
  explicit Discovery(Client& client, Duration remembered = std::chrono::minutes(10))
      : client_(client), remembered_(remembered) {}
  Discovery(const Discovery&) = delete;
  Discovery& operator=(const Discovery&) = delete;

  // The kind in the group's preferred version, or the first that has it. 404 where none has it.
  boost::asio::awaitable<Answer<Resource>> resource(std::string group, std::string kind);
  // Ask anew; after a CRD came or went.
  void forget() { known_.clear(); }

 private:
  struct Known {
    Resource resource;
    Duration since{};
  };

  boost::asio::awaitable<Answer<std::string>> text(std::string path);
  boost::asio::awaitable<Answer<Resource>> look_up(std::string group, std::string kind);

  Client& client_;
  Duration remembered_;
  std::map<std::pair<std::string, std::string>, Known> known_;
};

}  // namespace annals::k8s
