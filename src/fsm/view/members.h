// The members of a cluster, as operations look at them: its instances with their pods, who leads,
// and who could be spared.
#pragma once

#include <string>
#include <vector>

#include "fsm/model/state.h"

namespace annals::fsm {

struct Member {
  std::string instance;
  std::string set;
  const PodObserved* pod = nullptr;  // null: it has none
  bool leads = false;                // by Patroni's word, ready or not
  bool available = false;            // ready, and not about to end
  bool follows = false;              // a replica that is up to its leader's stream
};

// By the name of the instance. The pods are the state's.
std::vector<Member> members_of(const ClusterState& state);

// The one that leads; null for none, and when two say that they do.
const Member* leader_among(const std::vector<Member>& members);

// Whether anything of an instance runs, or would start.
bool is_there(const ClusterState& state, const std::string& instance);

// Whether the end of a pod was asked for, and no answer has come yet.
bool is_any_pod_ending(const ClusterState& state);

// Whether PostgreSQL is being restarted somewhere just now.
bool is_restarting(const ClusterState& state);

ObjectRef stateful_set_ref(const ClusterState& state, const std::string& instance);
ObjectRef pod_ref(const ClusterState& state, const std::string& pod);

// The name by which the pod's certificate and DNS know it, and Patroni's port in it where that is
// not 8008: "hippo-x-0.hippo-pods.ns.svc:8009".
std::string host_of(ClusterState& state, const std::string& pod);

// What machines read of an object; nothing where it is not known. As lasting as the state's
// objects.
const ObjectFields& fields_of(const ClusterState& state, const ObjectRef& ref);

}  // namespace annals::fsm
