// EnsureSecret: a Secret holds what its recipe asks for. Idempotent: what is there and good is kept
// byte for byte, so a second run, or one after a crash, changes nothing.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/cluster_identity.h"
#include "actions/means.h"
#include "actions/secret_data.h"
#include "actions/written.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<Written>> run(fsm::EnsureSecret intent, ClusterIdentity cluster,
                                            Means means);

// Reads a Secret; one that does not exist is empty.
boost::asio::awaitable<Answer<StoredSecret>> stored_secret(k8s::ObjectName name, Means means);

}  // namespace annals::actions
