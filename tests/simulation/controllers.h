// Controllers: what Kubernetes and Patroni do by themselves: StatefulSets get their pods, pods a
// node, their images, and a place in Patroni, which elects a leader among them and writes roles on
// pods. Level-triggered: whenever something changed, everything is looked at again a little later.
#pragma once

#include <string>
#include <vector>

#include "tests/simulation/api_server.h"
#include "tests/simulation/random.h"
#include "tests/simulation/schedule.h"
#include "tests/simulation/weather.h"

namespace annals::simulation {

// What Patroni says of replicas that do not come back by themselves: until the pod is made anew,
// and until the leader writes a checkpoint.
inline constexpr const char* kLeftHistory = "in archive recovery";
inline constexpr const char* kWaitsForWal = "starting";

class Controllers {
 public:
  Controllers(Schedule& schedule, ApiServer& server, const Weather& weather, Random random);
  Controllers(const Controllers&) = delete;
  Controllers& operator=(const Controllers&) = delete;

  // Looks at everything soon: the weather has changed.
  void poke();
  // What Patroni says of the replicas of that cluster from here on.
  void set_members(const std::string& cluster, const char* member, bool ready);

 private:
  void look();
  bool look_at_stateful_set(const Object& set);
  bool look_at_pod(const Object& pod);
  bool start(const Object& pod);
  bool elect(const std::string& scope);
  bool look_at_store(const Object& leader, const std::string& scope);
  bool is_held_back(const Object& member, const std::string& scope) const;
  bool look_at_job(const Object& job);
  bool volumes_exist(const Object& pod) const;
  std::string problem_of_start(const Object& pod) const;
  bool set_problem(const Object& pod, const std::string& problem);

  Schedule& schedule_;
  ApiServer& server_;
  const Weather& weather_;
  Random random_;
  bool poked_ = false;
};

// The pod that leads this cluster (by the UID of its custom resource) and is ready; null for none.
Snapshot leader_of(const ApiServer& server, const std::string& cluster_uid);

// The pods of its instances.
std::vector<Snapshot> pods_of(const ApiServer& server, const std::string& cluster_uid);

}  // namespace annals::simulation
