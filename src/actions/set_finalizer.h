// SetFinalizer: our finalizer is on the custom resource, or is not; those of others stay.
// Idempotent: looks before it writes, and writes only what it has looked at.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/cluster_identity.h"
#include "actions/means.h"
#include "actions/written.h"
#include "fsm/model/intent.h"

namespace annals::actions {

// A custom resource that is gone, or whose name another one has by now,
// has no finalizer of ours.
boost::asio::awaitable<Answer<Written>> run(fsm::SetFinalizer intent, ClusterIdentity cluster,
                                            Means means);

}  // namespace annals::actions
