// Patroni's REST API of a pod, with the certificate that the operator comes with. For the actions
// that call it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "actions/cluster_identity.h"
#include "actions/written.h"
#include "base/clock.h"
#include "k8s/client.h"
#include "postgres/patroni_api.h"

namespace annals::actions {

// `host` is the pod's name as its certificate has it, with `:port` where that is not 8008. `client`
// and `clock` outlive the call.
boost::asio::awaitable<Answer<postgres::PatroniApi>> patroni_at(std::string host,
                                                                std::string authority_secret,
                                                                const ClusterIdentity& cluster,
                                                                k8s::Client& client,
                                                                const Clock& clock);

}  // namespace annals::actions
