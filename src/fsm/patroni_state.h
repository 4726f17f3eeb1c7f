// Patroni's state: the objects in which the members of a cluster agree on who leads and what their
// database is. Processes in pods make them under the cluster's names and nobody owns them, so that
// Kubernetes does not collect what a cluster leaves behind, and a pod of it that still runs makes
// them anew. What is there before the first instance is somebody else's: it goes, once no pod runs
// that could write it, and no instance starts before.
#pragma once

#include <string>
#include <vector>

#include "fsm/step_builder.h"
#include "fsm/waits.h"
#include "spec/postgres_cluster.h"

namespace annals::fsm {

// Where Patroni may keep its state of the cluster that has this name: objects of either kind.
std::vector<ObjectRef> patroni_stores(const std::string& name_space, const std::string& cluster);

// Removes a store; of one that is not known, whatever has its name and bears the cluster's.
struct StoreRemoval {
  const char* machine;
  const char* transition;
  std::string reason;
  std::string input;  // what was asked before: "instances-running"
  Guard guard;
};
void remove_store(StepBuilder& builder, const ObjectRef& store, const StoreRemoval& why);

// Looks which kind Patroni's state is in, by the world: the kind in which `initialize` stands. What
// the spec asks for counts while neither has it, or both have. Nothing changes under a pod that
// runs.
void note_patroni_store(ClusterState& state);

bool keeps_config_maps(const ClusterState& state, const spec::PostgresCluster& cluster);

// Where members share what they agree on, by that kind.
ObjectRef patroni_store(const ClusterState& state);

// Of that kind, whether they are there or not.
std::vector<ObjectRef> stores_of_its_kind(const ClusterState& state);

// Those that go with the cluster: of its kind whether they are known or not, and what is known of
// the other.
std::vector<ObjectRef> stores_to_forget(const ClusterState& state);

// A field of the store in which the members share what they agree on; empty where it is not known,
// and where the store is not the cluster's own.
std::string own_store_field(const ClusterState& state, const char* field);

// Whether instances may start: whatever state there is of Patroni's, they have made it.
Wait wait_for_own_patroni_state(const ClusterState& state);

// What keeps members from a leader that will never come; over when nothing of the kind is known.
Wait wait_for_foreign_patroni_state(const ClusterState& state);

void ask_patroni_state(StepBuilder& builder);

}  // namespace annals::fsm
