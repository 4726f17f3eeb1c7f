// Controllers: what Kubernetes and Patroni do by themselves: StatefulSets get their pods, pods a
// node, their images, and a place in Patroni, which elects a leader among them and writes roles on
// pods. Level-triggered: whenever something changed, everything is looked at again a little later.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/simulation/api_server.h"
#include "tests/simulation/fault_state.h"
#include "tests/simulation/random.h"
#include "tests/simulation/schedule.h"

namespace annals::simulation {

// What Patroni says of replicas that do not come back by themselves: until the pod is made anew,
// and until the leader writes a checkpoint.
inline constexpr const char* kLeftHistory = "in archive recovery";
inline constexpr const char* kWaitsForWal = "starting";
// What it says of those that wait for a leader of a database that is none of theirs.
inline constexpr const char* kWaitsForLeader = "uninitialized";

// What lies on the volumes of Patroni's members.
class MemberVolumes {
 public:
  MemberVolumes() = default;
  MemberVolumes(const MemberVolumes&) = delete;
  MemberVolumes& operator=(const MemberVolumes&) = delete;
  virtual ~MemberVolumes() = default;

  // It has a database to be bootstrapped, and the state of another one is still there.
  virtual bool is_held_back(const Object& pod) const = 0;
  // It has files of a timeline that was left.
  virtual bool is_behind(const Object& pod) const = 0;
  // Of its cluster's database.
  virtual std::int64_t timeline_of(const Object& pod) const = 0;
  // Another cluster, by its host, takes writes on a later timeline.
  virtual bool is_led_elsewhere(const Object& pod, const std::string& host) const = 0;
};

class Controllers {
 public:
  Controllers(Schedule& schedule, ApiServer& server, const FaultState& fault_state, Random random);
  Controllers(const Controllers&) = delete;
  Controllers& operator=(const Controllers&) = delete;

  // It outlives this.
  void set_volumes(const MemberVolumes& volumes) { volumes_ = &volumes; }
  // Looks at everything soon: the fault state has changed.
  void poke();
  // What Patroni says of the replicas of that cluster from here on.
  void set_members(const std::string& cluster, const char* member, bool ready);
  // From here on a leader's pod takes seconds to end, and Kubernetes collects what is called like a
  // Service that has gone.
  void let_leaders_linger() { leaders_linger_ = true; }
  bool do_leaders_linger() const { return leaders_linger_; }
  // From here on Jobs fail that write to it; empty: none do.
  void lose_repository(const std::string& repo) { lost_repository_ = repo; }

 private:
  void look();
  bool look_at_stateful_set(const Object& set);
  bool look_at_pod(const Object& pod);
  bool start(const Object& pod);
  bool end(const Object& pod);
  void linger(const Key& pod, int rounds);
  void collect_endpoints(const Key& service);
  void keep_endpoints(const Key& service);
  void write_leader(const Object& pod);
  bool wait_for_leader(const std::vector<Snapshot>& members);
  bool elect(const std::string& scope);
  bool look_at_store(const Object& leader, const std::string& scope);
  bool follows_another(const Object& member) const;
  bool may_lead(const Object& member) const;
  bool is_held_back(const Object& member, const std::string& scope) const;
  bool look_at_job(const Object& job);
  bool volumes_exist(const Object& pod) const;
  bool is_permitted(const Object& pod) const;
  std::string problem_of_start(const Object& pod) const;
  bool set_problem(const Object& pod, const std::string& problem);

  Schedule& schedule_;
  ApiServer& server_;
  const FaultState& fault_state_;
  Random random_;
  const MemberVolumes* volumes_ = nullptr;
  bool poked_ = false;
  bool leaders_linger_ = false;
  std::string lost_repository_;
  std::set<std::string> lingering_;  // UIDs of pods
};

// The pod that leads this cluster (by the UID of its custom resource) and is ready; null for none.
Snapshot leader_of(const ApiServer& server, const std::string& cluster_uid);

// The same of one that takes writes.
Snapshot primary_of(const ApiServer& server, const std::string& cluster_uid);

// The UID of the custom resource that an instance's pod belongs to; empty where nobody can tell.
std::string cluster_of(const ApiServer& server, const Object& pod);

// Whether Patroni's state of the pod's cluster is there, whoever it is of.
bool has_state_of_patroni(const ApiServer& server, const Object& pod);

// The pods of its instances.
std::vector<Snapshot> pods_of(const ApiServer& server, const std::string& cluster_uid);

}  // namespace annals::simulation
