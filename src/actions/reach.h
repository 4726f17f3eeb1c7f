// Reach: how the operator gets to PostgreSQL and Patroni inside of pods. In the cluster their names
// resolve; outside of it the way goes through the API server, for which the operator's own user
// needs `create` and `get` of pods/portforward. Belongs to the loop's thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "actions/cluster_identity.h"
#include "actions/written.h"
#include "k8s/client/client.h"
#include "k8s/pods/local_forward.h"

namespace annals::actions {

// What is to be called for a host, for as long as this lives. The name that a certificate must
// carry stays the host's.
struct Way {
  std::optional<std::string> address;  // nothing: the host's own
  std::uint16_t port = 0;
  std::shared_ptr<k8s::LocalForward> forward;  // null where there is a network
};

// `error`, with what the way itself had to do with it.
Error told_by(const Way& way, Error error);

class Reach {
 public:
  Reach() = default;
  Reach(const Reach&) = delete;
  Reach& operator=(const Reach&) = delete;
  virtual ~Reach() = default;

  // `host` is a pod's name below its Service ("hippo-x-0.hippo-pods.ns.svc"), or the Service of the
  // cluster's primary ("hippo-primary.ns.svc"), and `port` the same in Service and pod.
  virtual boost::asio::awaitable<Answer<Way>> way_to(std::string host, std::uint16_t port,
                                                     ClusterIdentity cluster) = 0;
};

// From a pod of the same Kubernetes cluster.
class NetworkReach final : public Reach {
 public:
  boost::asio::awaitable<Answer<Way>> way_to(std::string host, std::uint16_t port,
                                             ClusterIdentity cluster) override;
};

// From anywhere that the API server is reached from. `client` outlives this and the ways.
class ApiServerReach final : public Reach {
 public:
  explicit ApiServerReach(k8s::Client& client) : client_(client) {}
  boost::asio::awaitable<Answer<Way>> way_to(std::string host, std::uint16_t port,
                                             ClusterIdentity cluster) override;

 private:
  k8s::Client& client_;
};

}  // namespace annals::actions
