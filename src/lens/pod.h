// The lens for Pods: where and what it is, what Patroni says of its member, and why it is not
// ready. Straight from the bytes. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "fsm/model/fact.h"
#include "k8s/lens/fingerprint.h"
#include "k8s/lens/meta.h"
#include "k8s/text/json.h"
#include "lens/pod_unread.h"

namespace annals::lens {

struct PodView {
  static constexpr k8s::UnreadFields kUnread = kUnreadOfPods;

  k8s::ObjectMeta meta;
  fsm::PodObserved fact;
};

// What is known of a pod once it has vanished: its cluster.
std::string mark_of(const PodView& view);

// Two views that give the same record are the same.
void add_to(k8s::Fingerprint& fingerprint, const PodView& view);

Result<PodView> read_pod_view(k8s::JsonReader& reader, std::string_view object);

}  // namespace annals::lens
