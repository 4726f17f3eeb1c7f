// Patroni's REST API of a pod, with the certificate that the operator comes with. For the actions
// that call it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "actions/cluster_identity.h"
#include "actions/means.h"
#include "actions/written.h"
#include "postgres/patroni/patroni_api.h"

namespace annals::actions {

struct PatroniSession {
  Way way;
  postgres::PatroniApi api;
};

// `host` is the pod's name as its certificate has it, with `:port` where that is not 8008.
boost::asio::awaitable<Answer<PatroniSession>> patroni_at(std::string host,
                                                          std::string authority_secret,
                                                          ClusterIdentity cluster, Means means);

}  // namespace annals::actions
