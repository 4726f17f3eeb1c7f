// Names: clusters as people call them, NAMESPACE/NAME, and as the journal does, by UID. A name that
// was used again belongs to several UIDs; they stand in the order of their appearance.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "journal/reader.h"

namespace annals::replay {

class Names {
 public:
  // Looks at the first records of each cluster only.
  static Result<Names> read(const journal::Reader& reader);

  // "ns/hippo"; the UID of a cluster whose name was never recorded; "operator" for its own stream.
  std::string of(const ClusterUid& cluster) const;

  // All clusters of that name or UID, oldest first; never empty. kNotFound tells which there are.
  Result<std::vector<ClusterUid>> find(const std::string& text) const;

  const std::vector<ClusterUid>& all() const { return clusters_; }

 private:
  std::vector<ClusterUid> clusters_;  // oldest first
  std::map<ClusterUid, std::string> names_;
};

}  // namespace annals::replay
