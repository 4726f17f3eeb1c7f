// AskPatroni: who the members are, what they do and how far behind, as the outcome's members: by
// pod, "replica streaming 0".
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/cluster_identity.h"
#include "actions/means.h"
#include "actions/written.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<Written>> run(fsm::AskPatroni intent, ClusterIdentity cluster,
                                            Means means);

}  // namespace annals::actions
