// ReadArchiver: what the primary says of its archiver (pg_stat_archiver).
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::ReadArchiver intent, ClusterIdentity cluster,
                                                 ActionContext context);

}  // namespace annals::actions
