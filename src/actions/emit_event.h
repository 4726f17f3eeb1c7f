// EmitEvent: an Event on the custom resource, by a name of its own, so that it is made once however
// often this runs.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/cluster_identity.h"
#include "actions/written.h"
#include "fsm/intent.h"
#include "k8s/client.h"

namespace annals::actions {

// `client` outlives the call.
boost::asio::awaitable<Answer<Written>> run(fsm::EmitEvent intent, ClusterIdentity cluster,
                                            k8s::Client& client);

}  // namespace annals::actions
