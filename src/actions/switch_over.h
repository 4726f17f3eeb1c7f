// SwitchOver: another member leads, through Patroni, which chooses the moment and refuses a
// candidate that is not fit. Idempotent: nothing is done when the candidate leads already, and a
// leader that is another one than expected is an error.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/cluster_identity.h"
#include "actions/written.h"
#include "base/clock.h"
#include "fsm/intent.h"
#include "k8s/client.h"

namespace annals::actions {

// `client` and `clock` outlive the call.
boost::asio::awaitable<Answer<Written>> run(fsm::SwitchOver intent, ClusterIdentity cluster,
                                            k8s::Client& client, const Clock& clock);

}  // namespace annals::actions
