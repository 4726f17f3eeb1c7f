// Kubelets: a stand-in for the controllers, the kubelets and Patroni of a Kubernetes that has only
// an API server. Each StatefulSet gets its pod, which is Ready at once; the first pod of a cluster
// is its primary, and Patroni's Endpoints say that there is a database.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "k8s/client/client.h"
#include "k8s/lens/meta.h"
#include "k8s/task_scope.h"
#include "k8s/watch/reflector.h"
#include "tests/support/any_view.h"

namespace annals::bench {

class Kubelets final : private k8s::Observer<k8s::AnyView> {
 public:
  // `pattern` is a pod as our StatefulSets make them. All outlive this.
  Kubelets(k8s::Client& client, k8s::TaskScope& tasks, nlohmann::json pattern);

  void start();
  std::size_t pods() const { return made_; }

 private:
  boost::asio::awaitable<void> observe(std::vector<k8s::Change<k8s::AnyView>> changes) override;
  boost::asio::awaitable<void> freshness(k8s::Freshness, std::string) override { co_return; }
  boost::asio::awaitable<void> work();
  boost::asio::awaitable<void> run_pod(k8s::ObjectMeta store);
  boost::asio::awaitable<void> say_that_there_is_a_database(std::string name_space,
                                                            std::string cluster);

  k8s::Client& client_;
  k8s::TaskScope& tasks_;
  nlohmann::json pattern_;
  k8s::Reflector<k8s::AnyView> reflector_;
  std::deque<k8s::ObjectMeta> waiting_;
  std::set<std::string> seen_;               // StatefulSets, by UID
  std::map<std::string, bool> has_primary_;  // by cluster
  int workers_ = 0;
  std::size_t made_ = 0;
};

}  // namespace annals::bench
