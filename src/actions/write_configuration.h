// WriteConfiguration: the configuration that Patroni's members share is as asked for, written where
// Patroni keeps it. Refused while a member holds the lock: what runs is told by ConfigurePatroni.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"

namespace annals::actions {

// Answers with the digest of what is kept now.
boost::asio::awaitable<Answer<ActionResult>> run(fsm::WriteConfiguration intent,
                                                 ClusterIdentity cluster, ActionContext context);

}  // namespace annals::actions
