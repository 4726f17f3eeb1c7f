// RestartPostgres: PostgreSQL starts anew inside of its pod, through Patroni, unless it does not
// wait for that any more.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/cluster_identity.h"
#include "actions/means.h"
#include "actions/written.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<Written>> run(fsm::RestartPostgres intent, ClusterIdentity cluster,
                                            Means means);

}  // namespace annals::actions
