// Recollection: what the API server has answered last and would only be asked again for. Nothing is
// done on the strength of it alone: an authority is used only if it is the one that an intent
// names, a version only as the condition of a write. Keys stay in memory. Belongs to the loop's
// thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/id.h"
#include "k8s/resource.h"
#include "postgres/tls/certificate.h"

namespace annals::actions {

class Recollection {
 public:
  // Of this many namespaces or clusters; more make it forget some.
  explicit Recollection(std::size_t max = 4096) : max_(max) {}
  Recollection(const Recollection&) = delete;
  Recollection& operator=(const Recollection&) = delete;

  void remember(const k8s::ObjectName& secret, postgres::Authority authority);
  // The authority of that Secret, if its mark is this.
  std::optional<postgres::Authority> authority(const k8s::ObjectName& secret,
                                               std::string_view mark) const;

  // The resourceVersion of a cluster's custom resource.
  void remember(const ClusterUid& cluster, std::string version);
  void forget(const ClusterUid& cluster) { versions_.erase(cluster); }
  std::optional<std::string> version(const ClusterUid& cluster) const;

 private:
  std::size_t max_;
  std::map<k8s::ObjectName, std::pair<std::string, postgres::Authority>> authorities_;
  std::map<ClusterUid, std::string> versions_;
};

// What the watch of an authority's Secret tells of its certificate ("authority").
std::string mark_of(std::string_view certificate);

}  // namespace annals::actions
