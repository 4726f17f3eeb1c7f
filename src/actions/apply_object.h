// ApplyObject: server-side apply of a manifest. Idempotent by construction: the manifest says all
// that is ours, so applying it twice, or again after a crash half way, leaves the same object.
// Where another cluster has had the name, what stands there is looked at first: holder.h.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::ApplyObject intent, ClusterIdentity cluster,
                                                 ActionContext context);

// The same for the status subresource of a custom resource, of this cluster and no namesake, and
// only if nothing else was written while it was on its way.
boost::asio::awaitable<Answer<ActionResult>> run(fsm::PatchStatus intent, ClusterIdentity cluster,
                                                 ActionContext context);

// Applies and reads the answer; shared by all actions that write an object.
boost::asio::awaitable<Answer<ActionResult>> apply(fsm::ObjectRef ref, std::string manifest,
                                                   ActionContext context);

}  // namespace annals::actions
