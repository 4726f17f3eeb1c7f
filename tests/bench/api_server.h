// An API server for a benchmark alone, and clients of it.
#pragma once

#include <sys/types.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <string>

#include "base/clock.h"
#include "k8s/client/client.h"
#include "k8s/credentials/config.h"
#include "k8s/transport/transport.h"

namespace annals::bench {

// etcd and kube-apiserver, started in the directory; they end with this object, or this process.
class ApiServer {
 public:
  explicit ApiServer(const std::string& directory);
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;
  ~ApiServer();

  // Of an administrator.
  const std::string& kubeconfig() const { return kubeconfig_; }
  k8s::Config config() const;
  // Of the operator's ServiceAccount, which has the rights that install() gives it.
  std::string operator_kubeconfig() const;

  // The CRDs, and the operator's roles as they are deployed.
  void install() const;

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  std::string kubeconfig_;
};

// A loop, and a client on it.
struct Session {
  explicit Session(k8s::Config config);

  // Until `work`, and all that it has left behind on the loop, is done.
  void run(boost::asio::awaitable<void> work);

  boost::asio::io_context loop{1};
  SystemClock clock;
  k8s::Transport transport;
  k8s::Client client;
};

}  // namespace annals::bench
