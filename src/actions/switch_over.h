// SwitchOver: another member leads, through Patroni, which chooses the moment and refuses a
// candidate that is not fit. Idempotent: nothing is done when the candidate leads already, and a
// leader that is another one than expected is an error.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/cluster_identity.h"
#include "actions/means.h"
#include "actions/written.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<Written>> run(fsm::SwitchOver intent, ClusterIdentity cluster,
                                            Means means);

}  // namespace annals::actions
