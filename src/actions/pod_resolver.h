// PodResolver: how the operator gets to PostgreSQL and Patroni inside of pods. In the cluster their
// names resolve; outside of it the endpoint is a port forward through the API server, for which the
// operator's own user needs `create` and `get` of pods/portforward. Belongs to the loop's thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "k8s/client/client.h"
#include "k8s/pods/local_forward.h"

namespace annals::actions {

// What is to be called for a host, for as long as this lives. The name that a certificate must
// carry stays the host's.
struct Endpoint {
  std::optional<std::string> address;  // nothing: the host's own
  std::uint16_t port = 0;
  std::shared_ptr<k8s::LocalForward> forward;  // null where there is a network
};

// `error`, with what the port forward had to do with it.
Error with_forward_error(const Endpoint& endpoint, Error error);

class PodResolver {
 public:
  PodResolver() = default;
  PodResolver(const PodResolver&) = delete;
  PodResolver& operator=(const PodResolver&) = delete;
  virtual ~PodResolver() = default;

  // `host` is a pod's name below its Service ("hippo-x-0.hippo-pods.ns.svc"), or the Service of the
  // cluster's primary ("hippo-primary.ns.svc"), and `port` the same in Service and pod.
  virtual boost::asio::awaitable<Answer<Endpoint>> resolve(std::string host, std::uint16_t port,
                                                           ClusterIdentity cluster) = 0;
};

// From a pod of the same Kubernetes cluster.
class NetworkResolver final : public PodResolver {
 public:
  boost::asio::awaitable<Answer<Endpoint>> resolve(std::string host, std::uint16_t port,
                                                   ClusterIdentity cluster) override;
};

// From anywhere that the API server is reached from. `client` outlives this and the endpoints.
class ApiServerResolver final : public PodResolver {
 public:
  explicit ApiServerResolver(k8s::Client& client) : client_(client) {}
  boost::asio::awaitable<Answer<Endpoint>> resolve(std::string host, std::uint16_t port,
                                                   ClusterIdentity cluster) override;

 private:
  k8s::Client& client_;
};

}  // namespace annals::actions
