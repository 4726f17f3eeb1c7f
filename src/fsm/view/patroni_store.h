// Where Patroni keeps its state of a cluster, in which kind of objects, and what it says.
#pragma once

#include <string>
#include <vector>

#include "fsm/model/state.h"
#include "spec/postgres_cluster.h"

namespace annals::fsm {

inline constexpr const char* kStoreEndpoints = "Endpoints";
inline constexpr const char* kStoreConfigMap = "ConfigMap";

// Where Patroni may keep its state of the cluster that has this name: objects of either kind.
std::vector<ObjectRef> patroni_stores(const std::string& name_space, const std::string& cluster);

// Looks which kind Patroni's state is in, by the world: the kind in which `initialize` stands. What
// the spec asks for counts while neither has it, or both have. Nothing changes under a pod that
// runs.
void note_patroni_store(ClusterState& state);

bool keeps_config_maps(const ClusterState& state, const spec::PostgresCluster& cluster);

// Where members share what they agree on, by that kind.
ObjectRef patroni_store(const ClusterState& state);

// Where it says who leads.
ObjectRef patroni_lock(const ClusterState& state);

// Of that kind, whether they are there or not.
std::vector<ObjectRef> stores_of_its_kind(const ClusterState& state);

// Those that go with the cluster: of its kind whether they are known or not, and what is known of
// the other.
std::vector<ObjectRef> stores_to_forget(const ClusterState& state);

// What the store says in which the members share what they agree on; nothing where it is not known,
// and where the store is not the cluster's own. As lasting as the state's objects.
const PatroniFields& own_store(const ClusterState& state);

// Those that are known, of either kind.
std::vector<ObjectRef> known_stores(const ClusterState& state);

// The pod that holds the lock, by the store of its kind; empty for none.
std::string leader_in_store(const ClusterState& state);

// An instance of this cluster, or one that it had.
bool is_instance(const ClusterState& state, const std::string& instance);

// No process of this cluster's has run yet. A journal that was lost knows nothing of those that
// did; their volumes tell.
bool is_before_first_instance(const ClusterState& state);

// Patroni has made a database: its configuration is its own from here on.
bool is_bootstrapped(const ClusterState& state);
// Its members have shared their configuration, so that they start without being told how.
bool is_configured(const ClusterState& state);
// PostgreSQL's own name for that database; empty until there is one.
std::string system_identifier(const ClusterState& state);

// Whether Patroni's failsafe mode is on where the spec does not say: of a cluster that has no
// configuration yet, and of one whose configuration has it.
bool keeps_failsafe(const ClusterState& state);

}  // namespace annals::fsm
