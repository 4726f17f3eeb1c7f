// AskPatroni: who the members are, what they do and how far behind, as the outcome's fields: by
// pod, "replica streaming 0".
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/cluster_identity.h"
#include "actions/written.h"
#include "base/clock.h"
#include "fsm/intent.h"
#include "k8s/client.h"

namespace annals::actions {

// `client` and `clock` outlive the call.
boost::asio::awaitable<Answer<Written>> run(fsm::AskPatroni intent, ClusterIdentity cluster,
                                            k8s::Client& client, const Clock& clock);

}  // namespace annals::actions
