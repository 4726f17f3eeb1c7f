// EmitEvent: an Event on the custom resource, by a name of its own, so that it is made once however
// often this runs.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/cluster_identity.h"
#include "actions/means.h"
#include "actions/written.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<Written>> run(fsm::EmitEvent intent, ClusterIdentity cluster,
                                            Means means);

}  // namespace annals::actions
