// Checkpoint: PostgreSQL writes out what it holds in memory. May be done any number of times.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/cluster_identity.h"
#include "actions/means.h"
#include "actions/written.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<Written>> run(fsm::Checkpoint intent, ClusterIdentity cluster,
                                            Means means);

}  // namespace annals::actions
