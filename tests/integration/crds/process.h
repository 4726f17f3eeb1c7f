// A process of the operator, as far as its actions go, with an API server of the tests' own.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <future>
#include <stdexcept>
#include <string>
#include <utility>

#include "actions/executor.h"
#include "base/clock.h"
#include "k8s/credentials/kubeconfig.h"
#include "k8s/transport/transport.h"

namespace annals::e2e {

class Process {
 public:
  explicit Process(const std::string& kubeconfig)
      : transport_(loop_.get_executor(), *k8s::load_kubeconfig(kubeconfig), clock_, Log(),
                   k8s::no_metrics()),
        client_(transport_),
        executor_(client_, clock_, resolver_) {}

  std::future<fsm::Outcome> begin(fsm::Action action, bool is_target_known,
                                  const std::string& uid = "11111111-1111-4111-8111-111111111111") {
    actions::ClusterIdentity cluster{
        .uid = ClusterUid(uid), .name_space = "default", .name = "hippo"};
    cluster.is_target_known = is_target_known;
    fsm::Intent intent{.id = fsm::IntentId(1), .action = std::move(action)};
    return boost::asio::co_spawn(loop_, executor_.run(std::move(intent), std::move(cluster)),
                                 boost::asio::use_future);
  }
  fsm::Outcome end(std::future<fsm::Outcome> outcome) {
    const Duration end = clock_.steady() + std::chrono::seconds(60);
    while (outcome.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
      if (clock_.steady() > end) throw std::runtime_error("an intent has not ended after 60 s");
      if (loop_.stopped()) loop_.restart();
      loop_.run_one_for(std::chrono::milliseconds(100));
    }
    return outcome.get();
  }
  fsm::Outcome run(fsm::Action action, bool is_target_known) {
    return end(begin(std::move(action), is_target_known));
  }

 private:
  boost::asio::io_context loop_;
  SystemClock clock_;
  k8s::Transport transport_;
  k8s::Client client_;
  actions::NetworkResolver resolver_;
  actions::Executor executor_;
};

}  // namespace annals::e2e
