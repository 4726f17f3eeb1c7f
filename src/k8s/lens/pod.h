// The lens for Pods: what machines need to know of an instance, and nothing that changes by itself
// (heartbeats, resource versions, Patroni's WAL position). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "k8s/lens/meta.h"
#include "k8s/lens/pod_unread.h"

namespace annals::k8s {

struct ContainerView {
  std::string name;
  std::string image;     // as the spec asks for it
  std::string image_id;  // what runs
  bool ready = false;
  bool running = false;
  std::int64_t restarts = 0;
  std::string waiting_reason;             // "ImagePullBackOff"; empty unless it waits
  std::optional<std::int64_t> exit_code;  // of the current termination
};

// What Patroni says of its member in the annotation "status".
struct PatroniMember {
  std::string state;  // "running", "starting", ...
  std::string role;   // "master", "replica", "standby_leader"
  std::string version;
  std::int64_t timeline = 0;
  bool pending_restart = false;
};

struct PodView {
  static constexpr UnreadFields kUnread = kUnreadOfPods;

  ObjectMeta meta;
  std::string phase;   // "Pending", "Running", "Succeeded", "Failed"
  std::string reason;  // "Evicted", "NodeLost"
  std::string node;
  std::string ip;
  std::string revision;    // label controller-revision-hash
  bool scheduled = false;  // condition PodScheduled
  std::string unscheduled_reason;
  bool ready = false;                          // condition Ready
  std::vector<ContainerView> containers;       // in the order of the spec
  std::vector<ContainerView> init_containers;  // likewise
  std::optional<PatroniMember> patroni;

  // Label role: "master" or "replica".
  std::string_view role() const;
};

void add_to(Fingerprint& fingerprint, const PodView& view);
Result<PodView> read_pod(JsonReader& reader, std::string_view object);

}  // namespace annals::k8s
