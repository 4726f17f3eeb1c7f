// The lens for Pods as their fact records them: where and what it is, and why it is not ready. Less
// than PodView (pod.h), and straight from the bytes. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "k8s/lens/meta.h"
#include "k8s/text/json.h"

namespace annals::k8s {

// What Patroni says of its member in the annotation "status": the pod writes that itself, so what
// cannot be read is absent.
struct MemberBrief {
  // "streaming" or "in archive recovery" of a replica, "uninitialized" of one that has no database
  // and makes none, else "running", "stopped", ...
  std::string state;
  std::int64_t timeline = 0;
  std::string pending_restart;  // "max_connections 100 -> 200, ..."; or empty
};

struct PodBrief {
  ObjectMeta meta;
  std::string node;
  std::string phase;
  bool ready = false;    // condition Ready
  std::string problem;   // "Unschedulable: 0/1 nodes ...", "database: ImagePullBackOff"; or empty
  std::string revision;  // label controller-revision-hash
  MemberBrief member;
};

Result<PodBrief> read_pod_brief(JsonReader& reader, std::string_view object);

}  // namespace annals::k8s
