// The lens for PostgresCluster: the whole spec and the annotations as canonical text, without what
// a user should have put into a Secret, and who wrote what is asked for last. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "fsm/model/fact.h"
#include "k8s/lens/fingerprint.h"
#include "k8s/lens/meta.h"
#include "k8s/text/json.h"

namespace annals::lens {

struct ClusterView {
  k8s::ObjectMeta meta;
  // Its resource is {"metadata":{"annotations":..,"name":..,"namespace":..},"spec":..}; kubectl's
  // copy of an applied manifest is left out of the annotations.
  fsm::SpecObserved fact;
  std::string created{};  // metadata.creationTimestamp, which never changes
};

// Two views that give the same record are the same.
void add_to(k8s::Fingerprint& fingerprint, const ClusterView& view);

Result<ClusterView> read_cluster_view(k8s::JsonReader& reader, std::string_view object);

}  // namespace annals::lens
