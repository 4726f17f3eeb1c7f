// The receipt of a clean shutdown, as others have to know it.
#pragma once

#include <string>
#include <vector>

#include "fsm/model/state.h"
#include "spec/postgres_cluster.h"

namespace annals::fsm {

// Something keeps the cluster from taking writes, so that a receipt of it is true: it is shut down,
// or has become a standby.
bool is_kept_from_writing(const ClusterState& state);

// There is a history to tell of, and it is its own.
bool is_receipt_needed(ClusterState& state);

// Why there will be none, as far as is known; empty otherwise.
Message obstacle_to_receipt(ClusterState& state);

// An operation that ends with one goes on.
bool is_receipt_awaited(const ClusterState& state);

// Those in object stores, which others may read, but for those that must not be written to.
std::vector<const spec::Repository*> stores_of_receipt(ClusterState& state);

// Those of them, "repo1", in which the receipt is not known to be.
std::vector<std::string> stores_without_receipt(ClusterState& state);

// It is made, and wherever it can be read from.
bool is_receipt_complete(ClusterState& state);

ObjectRef receipt_job_ref(const ClusterState& state);

// Its Job, whichever that is of; null where there is none.
const ObjectObserved* receipt_job(const ClusterState& state);

}  // namespace annals::fsm
