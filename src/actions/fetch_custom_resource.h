// The cluster's own custom resource as the API server has it now, for actions that depend on more
// of it than the machines are told. It may be a namesake's: its UID says so.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "actions/action_context.h"
#include "actions/cluster_identity.h"

namespace annals::actions {

boost::asio::awaitable<Answer<std::string>> fetch_custom_resource(ClusterIdentity cluster,
                                                                  ActionContext context);

}  // namespace annals::actions
