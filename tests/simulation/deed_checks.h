// What no deed may do, whatever the operator has decided: accuses it of what breaks an invariant.
#pragma once

#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"
#include "tests/simulation/world.h"

namespace annals::simulation {

class DeedChecks {
 public:
  DeedChecks(World& world, const actions::ClusterIdentity& cluster)
      : world_(world), cluster_(cluster) {}

  // Nothing that others depend on, or that cannot be made again, goes without need.
  void check_deletion(const fsm::DeleteObject& action, const Object& object);
  // What an instance mounts is there before it runs, unless somebody took it away.
  void check_order(const Object& set);
  // Where Patroni keeps its state does not change under a pod that runs.
  void check_store(const Object& written);
  // What writes to a repository begins in a cluster that has a primary.
  void check_repository_job(const Object& job);
  // A Role is there before what binds it, unless somebody took it away.
  void check_binding(const Key& role);

 private:
  void check_interruption(const Object& victim);
  bool has_fault_against_pods() const;

  World& world_;
  const actions::ClusterIdentity& cluster_;
};

}  // namespace annals::simulation
