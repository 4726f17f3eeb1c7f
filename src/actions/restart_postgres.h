// RestartPostgres: PostgreSQL starts anew inside of its pod, through Patroni, unless it does not
// wait for that any more.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/cluster_identity.h"
#include "actions/written.h"
#include "base/clock.h"
#include "fsm/intent.h"
#include "k8s/client.h"

namespace annals::actions {

// `client` and `clock` outlive the call.
boost::asio::awaitable<Answer<Written>> run(fsm::RestartPostgres intent, ClusterIdentity cluster,
                                            k8s::Client& client, const Clock& clock);

}  // namespace annals::actions
