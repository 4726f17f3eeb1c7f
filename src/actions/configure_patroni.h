// ConfigurePatroni: Patroni's shared configuration is as asked for, through the REST API of one of
// its members over mutual TLS. Idempotent: it replaces the whole.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"

namespace annals::actions {

// Answers with the digest of what Patroni keeps now.
boost::asio::awaitable<Answer<ActionResult>> run(fsm::ConfigurePatroni intent,
                                                 ClusterIdentity cluster, ActionContext context);

}  // namespace annals::actions
