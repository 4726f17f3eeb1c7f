#include "runtime/orphan_cache.h"

#include <algorithm>
#include <optional>

#include "base/concat.h"

namespace annals::runtime {
namespace {

struct Subject {
  std::string name;
  std::string uid;
  bool gone = false;
};

// What a fact is about; none when it is about no object of a cluster.
std::optional<Subject> orphan_subject(const fsm::Input& fact) {
  if (const auto* object = std::get_if<fsm::ObjectObserved>(&fact))
    return Subject{to_string(object->ref), object->uid};
  if (const auto* object = std::get_if<fsm::ObjectGone>(&fact))
    return Subject{to_string(object->ref), object->uid, true};
  if (const auto* pod = std::get_if<fsm::PodObserved>(&fact))
    return Subject{concat("Pod/", pod->name), pod->uid};
  if (const auto* pod = std::get_if<fsm::PodGone>(&fact))
    return Subject{concat("Pod/", pod->name), pod->uid, true};
  return std::nullopt;
}

}  // namespace

void OrphanCache::put(Facts& facts, fsm::Input fact, const std::string& owner) {
  const std::optional<Subject> subject = orphan_subject(fact);
  if (!subject) return;
  const auto known = facts.find(subject->name);
  if (subject->gone) {
    if (known == facts.end() || orphan_subject(known->second.fact)->uid != subject->uid) return;
    facts.erase(known);
    size_ -= 1;
    return;
  }
  if (known == facts.end()) {
    if (size_ >= kMax) return;
    size_ += 1;
  }
  facts.insert_or_assign(subject->name, Kept{owner, std::move(fact)});
}

void OrphanCache::keep(const std::string& name_space, const std::string& cluster, fsm::Input fact,
                       const std::string& owner) {
  const auto place = by_cluster_.try_emplace({name_space, cluster}).first;
  put(place->second, std::move(fact), owner);
  if (place->second.empty()) by_cluster_.erase(place);
}

void OrphanCache::forget_gone(const std::string& name_space, const std::string& cluster,
                              const fsm::Input& fact) {
  const auto place = by_cluster_.find({name_space, cluster});
  const std::optional<Subject> subject = orphan_subject(fact);
  if (place == by_cluster_.end() || !subject || !subject->gone) return;
  put(place->second, fact, {});
  if (place->second.empty()) by_cluster_.erase(place);
}

std::vector<fsm::Input> OrphanCache::claim(const std::string& name_space,
                                           const std::string& cluster, const ClusterUid& uid) {
  std::vector<fsm::Input> its;
  const auto place = by_cluster_.find({name_space, cluster});
  if (place == by_cluster_.end()) return its;
  Facts& facts = place->second;
  for (auto at = facts.begin(); at != facts.end();) {
    if (!at->second.owner.empty() && at->second.owner != uid.value()) {
      ++at;
      continue;
    }
    its.push_back(std::move(at->second.fact));
    at = facts.erase(at);
    size_ -= 1;
  }
  if (place->second.empty()) by_cluster_.erase(place);
  return its;
}

bool OrphanCache::has_others(const std::string& name_space, const std::string& cluster,
                             const ClusterUid& uid) const {
  if (size_ >= kMax) return true;
  const auto place = by_cluster_.find({name_space, cluster});
  if (place == by_cluster_.end()) return false;
  return std::ranges::any_of(place->second, [&](const auto& entry) {
    const std::string& owner = entry.second.owner;
    return !owner.empty() && owner != uid.value();
  });
}

void OrphanCache::keep_shared(const std::string& name_space, fsm::Input fact) {
  const auto place = shared_.try_emplace(name_space).first;
  put(place->second, std::move(fact), {});
  if (place->second.empty()) shared_.erase(place);
}

std::vector<fsm::Input> OrphanCache::shared(const std::string& name_space) const {
  std::vector<fsm::Input> facts;
  const auto place = shared_.find(name_space);
  if (place == shared_.end()) return facts;
  for (const auto& [name, kept] : place->second) facts.push_back(kept.fact);
  return facts;
}

}  // namespace annals::runtime
