// The volumes of an instance's database: its data, its WAL where that has a volume of its own, and
// its tablespaces. They are at the same paths in every pod that works with them.
#pragma once

#include "manifests/json.h"
#include "manifests/observed.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

// The claim that is used where the cluster would make one of that name.
std::string claim_for(const Observed& observed, const std::string& usual);
// A manifest of a claim with that name becomes one of the claim that is used.
void take_adopted(Json& claim, const Observed& observed);

// The volume of the data.
Json data_volume(const Observed& observed, const Instance& instance);
// The list of the others.
Json further_data_volumes(const Observed& observed, const spec::InstanceSet& set,
                          const Instance& instance);
// Where a container finds them all.
Json data_mounts(const spec::InstanceSet& set);
// The same of the data alone, for whom only reads it.
Json read_only_data_mount();

}  // namespace annals::manifests
