// OrphanCache: what was seen of objects whose cluster is not known yet. Kinds are watched apart
// from each other, so an object can be seen before the custom resource that it belongs to; a
// reflector tells it once. The newest fact of each is kept until its cluster appears or it
// vanishes.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/id.h"
#include "fsm/model/fact.h"

namespace annals::runtime {

class OrphanCache {
 public:
  // More objects without a cluster than this are not kept: somebody floods us with our labels.
  static constexpr std::size_t kMax = 50'000;

  // The fact names its cluster, and by its UID the owner, where it has one.
  void keep(const std::string& name_space, const std::string& cluster, fsm::Input fact,
            const std::string& owner);

  // An object that has vanished is kept no longer, whoever is told of that.
  void forget_gone(const std::string& name_space, const std::string& cluster,
                   const fsm::Input& fact);

  // All that belongs to this cluster, and is kept no longer. What a namesake owns stays.
  std::vector<fsm::Input> claim(const std::string& name_space, const std::string& cluster,
                                const ClusterUid& uid);

  // Whether something of that name is owned by another than this cluster. Also when there is too
  // much to know.
  bool has_others(const std::string& name_space, const std::string& cluster,
                  const ClusterUid& uid) const;

  // What every cluster of a namespace shares is news to each that appears there.
  void keep_shared(const std::string& name_space, fsm::Input fact);
  std::vector<fsm::Input> shared(const std::string& name_space) const;

  std::size_t size() const { return size_; }

 private:
  struct Kept {
    std::string owner;
    fsm::Input fact;
  };
  using Facts = std::map<std::string, Kept>;  // by what they are about

  void put(Facts& facts, fsm::Input fact, const std::string& owner);

  std::map<std::pair<std::string, std::string>, Facts> by_cluster_;
  std::map<std::string, Facts> shared_;
  std::size_t size_ = 0;
};

}  // namespace annals::runtime
