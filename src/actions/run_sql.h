// RunSql: databases and users exist in PostgreSQL as asked for. Idempotent: each step looks before
// it changes anything. The operator logs in over verified TLS with a certificate that it signs for
// the occasion and stores nowhere.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::RunSql intent, ClusterIdentity cluster,
                                                 ActionContext context);

}  // namespace annals::actions
