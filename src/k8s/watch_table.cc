#include "k8s/watch_table.h"

#include <utility>

namespace annals::k8s {

WatchTable::Sighting WatchTable::saw(const ObjectKey& key, const Digest& digest) {
  const auto [found, fresh] = entries_.try_emplace({key.name_space, key.name});
  Entry& entry = found->second;
  entry.round = round_;
  Sighting sighting;
  if (fresh) {
    sighting.news = News::kAppeared;
  } else if (entry.uid != key.uid) {
    sighting.news = News::kAppeared;
    sighting.replaced_uid = std::move(entry.uid);
  } else if (entry.digest != digest) {
    sighting.news = News::kChanged;
  }
  entry.uid = key.uid;
  entry.digest = digest;
  return sighting;
}

WatchTable::Sighting WatchTable::saw_unreadable(const ObjectKey& key) {
  return saw(key, Digest{});  // no SHA-256 that anybody will meet
}

bool WatchTable::gone(const ObjectKey& key) {
  const auto found = entries_.find({key.name_space, key.name});
  if (found == entries_.end() || found->second.uid != key.uid) return false;
  entries_.erase(found);
  return true;
}

std::vector<ObjectKey> WatchTable::end_list() {
  std::vector<ObjectKey> vanished;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (entry->second.round == round_) {
      ++entry;
      continue;
    }
    vanished.push_back({entry->first.name_space, entry->first.name, entry->second.uid});
    entry = entries_.erase(entry);
  }
  return vanished;
}

}  // namespace annals::k8s
