// Patroni's REST API of a pod, with the certificate that the operator comes with. For the actions
// that call it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "postgres/patroni/patroni_api.h"

namespace annals::actions {

struct PatroniSession {
  Endpoint endpoint;
  postgres::PatroniApi api;
};

// `host` is the pod's name as its certificate has it, with `:port` where that is not 8008.
boost::asio::awaitable<Answer<PatroniSession>> patroni_at(std::string host,
                                                          std::string authority_secret,
                                                          ClusterIdentity cluster,
                                                          ActionContext context);

}  // namespace annals::actions
