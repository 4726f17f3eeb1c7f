// The lens for Pods as their fact records them: where and what it is, and why it is not ready. Less
// than PodView (pod.h), and straight from the bytes. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "k8s/json.h"
#include "k8s/lens/meta.h"

namespace annals::k8s {

struct PodBrief {
  ObjectMeta meta;
  std::string node;
  std::string phase;
  bool ready = false;   // condition Ready
  std::string problem;  // "Unschedulable: 0/1 nodes ...", "database: ImagePullBackOff"; or empty
};

Result<PodBrief> read_pod_brief(JsonReader& reader, std::string_view object);

}  // namespace annals::k8s
