// RunSql: databases and users exist in PostgreSQL as asked for. Idempotent: each step looks before
// it changes anything. The operator logs in over verified TLS with a certificate that it signs for
// the occasion and stores nowhere.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/cluster_identity.h"
#include "actions/means.h"
#include "actions/written.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<Written>> run(fsm::RunSql intent, ClusterIdentity cluster,
                                            Means means);

}  // namespace annals::actions
