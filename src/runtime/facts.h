// From watched objects to facts: the few fields that machines read, and nothing else. These are the
// lenses that the reflectors call; an unchanged view is told to nobody.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "fsm/model/fact.h"
#include "k8s/lens/fingerprint.h"
#include "k8s/lens/meta.h"
#include "k8s/lens/pod_unread.h"
#include "k8s/text/json.h"

namespace annals::runtime {

struct ClusterView {
  k8s::ObjectMeta meta;
  fsm::SpecObserved fact;
};

struct PodView {
  static constexpr k8s::UnreadFields kUnread = k8s::kUnreadOfPods;

  k8s::ObjectMeta meta;
  fsm::PodObserved fact;
};

// Of an object that a cluster owns. The kind is the reflector's; list items do not carry it.
struct OwnedView {
  k8s::ObjectMeta meta;
  fsm::ObjectObserved fact;
};

// The cluster that an object names in its label; empty where it names none.
std::string cluster_of(const k8s::ObjectMeta& meta);

// What is known of an object once it has vanished: its cluster.
std::string mark_of(const PodView& view);
std::string mark_of(const OwnedView& view);

void add_to(k8s::Fingerprint& fingerprint, const ClusterView& view);
void add_to(k8s::Fingerprint& fingerprint, const PodView& view);
void add_to(k8s::Fingerprint& fingerprint, const OwnedView& view);

Result<ClusterView> read_cluster_view(k8s::JsonReader& reader, std::string_view object);
Result<PodView> read_pod_view(k8s::JsonReader& reader, std::string_view object);
Result<OwnedView> read_owned_view(k8s::JsonReader& reader, std::string_view object);

}  // namespace annals::runtime
