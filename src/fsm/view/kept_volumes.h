// Volumes that outlive their cluster: for how long a deleted one keeps them, and what of an earlier
// cluster of this name is there to be taken up.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fsm/model/state.h"
#include "spec/postgres_cluster.h"

namespace annals::fsm {

bool is_claim(const ObjectRef& ref);

// What a claim is called that the cluster makes for the same purpose.
std::string usual_name_of(const ObjectObserved& claim);
// Whether it has the data of the instance in its labels.
bool is_of_data(const ObjectObserved& claim);

// It is another cluster's, which is deleted, and no object of this one.
bool is_kept_for_another(const ClusterState& state, const ObjectObserved& claim);

// ---- Of a cluster that is deleted

struct DeletedRetention {
  Duration time{};  // zero: its volumes go with it
  Message why;      // who says so
};
// As the annotation says, else as the operator's flag does. An annotation that nobody understands
// keeps them for a day: what is kept in vain can be deleted, and not the other way round.
DeletedRetention deleted_retention(ClusterState& state);

Timestamp deleted_at(const ClusterState& state);

// The instance that leads, or led last; empty where nobody knows.
std::string last_leader(const ClusterState& state);

// ---- Of a cluster that may take them up

// It is kept for that one, or was its leader's and has been taken up.
bool is_of_deleted(const ObjectObserved& claim, const std::string& deleted);

// Claims that are kept for this deleted cluster, in the order of their names.
std::vector<const ObjectObserved*> claims_kept_for(const ClusterState& state,
                                                   const std::string& deleted);

// Of the earlier cluster of this name whose volumes are kept longest; empty for none.
struct KeptNamesake {
  std::string uid;
  std::string until;
  std::vector<std::string> claims;
};
KeptNamesake kept_namesake(const ClusterState& state);

// The instance whose data was the leader's when that cluster was deleted; empty where no claim or
// several say so. One that is there alone may be one of several that have not been seen yet.
std::string leader_when_deleted(const ClusterState& state, const std::string& deleted);

// Instances of this set that come back with their volumes, the leader of then first.
std::vector<std::string> instances_to_take_up(const ClusterState& state,
                                              const spec::InstanceSet& set,
                                              const std::string& deleted);

// Which deleted cluster's volumes are being taken up; empty for none.
std::string taken_up(const ClusterState& state);

}  // namespace annals::fsm
