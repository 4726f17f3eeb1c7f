// WithdrawReceipt: what says that a former receipt does not hold any more replaces it in a
// repository, whether one is there or not.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::WithdrawReceipt intent,
                                                 ClusterIdentity cluster, ActionContext context);

// What is run in the container.
std::vector<std::string> withdraw_command(const fsm::WithdrawReceipt& intent);

}  // namespace annals::actions
