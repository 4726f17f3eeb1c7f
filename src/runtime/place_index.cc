#include "runtime/place_index.h"

#include <algorithm>
#include <string_view>
#include <tuple>

namespace annals::runtime {
namespace {

const fsm::ClaimedPlace* place_called(const std::vector<fsm::ClaimedPlace>& places,
                                      const std::string& text) {
  const auto found = std::ranges::find(places, text, &fsm::ClaimedPlace::text);
  return found == places.end() ? nullptr : &*found;
}

// A stanza is at the place that the specification has, or where the repository was before.
std::string scope_of_stanza(const std::vector<fsm::ClaimedPlace>& claimed,
                            const std::string& text) {
  const fsm::ClaimedPlace* same = place_called(claimed, text);
  return same == nullptr ? std::string() : same->scope;
}

}  // namespace

std::set<PlaceIndex::Key> PlaceIndex::keys_of(const Entry& entry) {
  std::set<Key> keys;
  for (const fsm::ClaimedPlace& each : entry.claimed) keys.emplace(each.text, each.scope);
  for (const fsm::ClaimedPlace& each : entry.with_stanza)
    keys.emplace(each.text, scope_of_stanza(entry.claimed, each.text));
  return keys;
}

void PlaceIndex::add_neighbours(const Entry& entry, Clusters& found) const {
  for (const Key& key : keys_of(entry)) {
    const auto there = by_place_.find(key);
    if (there != by_place_.end()) found.insert(there->second.begin(), there->second.end());
  }
}

void PlaceIndex::drop(const ClusterUid& uid) {
  const auto known = entries_.find(uid);
  if (known == entries_.end()) return;
  for (const Key& key : keys_of(known->second)) {
    const auto there = by_place_.find(key);
    there->second.erase(uid);
    if (there->second.empty()) by_place_.erase(there);
  }
  entries_.erase(known);
}

PlaceIndex::Clusters PlaceIndex::replace(const ClusterUid& uid, Entry entry) {
  Clusters affected;
  const auto known = entries_.find(uid);
  if (known != entries_.end()) add_neighbours(known->second, affected);
  drop(uid);
  add_neighbours(entry, affected);
  if (!entry.claimed.empty() || !entry.with_stanza.empty()) {
    for (const Key& key : keys_of(entry)) by_place_[key].insert(uid);
    entries_[uid] = std::move(entry);
  }
  affected.erase(uid);
  return affected;
}

PlaceIndex::Clusters PlaceIndex::claim(const ClusterUid& uid, Claimant its,
                                       std::vector<fsm::ClaimedPlace> places,
                                       std::vector<fsm::ClaimedPlace> with_stanza) {
  if (places.empty() && with_stanza.empty() && !entries_.contains(uid)) return {};
  return replace(
      uid,
      {.its = std::move(its), .claimed = std::move(places), .with_stanza = std::move(with_stanza)});
}

PlaceIndex::Clusters PlaceIndex::note_stanzas(const ClusterUid& uid,
                                              const std::vector<fsm::ClaimedPlace>& places) {
  const auto known = entries_.find(uid);
  if (known == entries_.end() || known->second.with_stanza == places) return {};
  Entry entry = known->second;
  entry.with_stanza = places;
  return replace(uid, std::move(entry));
}

PlaceIndex::Clusters PlaceIndex::forget(const ClusterUid& uid) { return replace(uid, {}); }

bool PlaceIndex::comes_before(const ClusterUid& one, const ClusterUid& other) const {
  const Claimant& its = entries_.at(one).its;
  const Claimant& others = entries_.at(other).its;
  return std::tie(its.created, its.name, one) < std::tie(others.created, others.name, other);
}

std::vector<fsm::PlaceRival> PlaceIndex::rivals_of(const ClusterUid& uid) const {
  std::vector<fsm::PlaceRival> rivals;
  const auto known = entries_.find(uid);
  if (known == entries_.end()) return rivals;
  for (const fsm::ClaimedPlace& own : known->second.claimed) {
    const auto there = by_place_.find({own.text, own.scope});
    for (const ClusterUid& other : there->second) {
      if (other == uid) continue;
      const Entry& entry = entries_.at(other);
      const fsm::ClaimedPlace* stanza = place_called(entry.with_stanza, own.text);
      const fsm::ClaimedPlace* claimed = place_called(entry.claimed, own.text);
      rivals.push_back({.place = own.text,
                        .cluster = entry.its.name,
                        .repo = claimed != nullptr ? claimed->repo : stanza->repo,
                        .came_first = comes_before(other, uid),
                        .has_stanza = stanza != nullptr});
    }
  }
  std::ranges::sort(rivals, [](const fsm::PlaceRival& one, const fsm::PlaceRival& other) {
    return std::tuple(!one.has_stanza, !one.came_first, std::string_view(one.cluster)) <
           std::tuple(!other.has_stanza, !other.came_first, std::string_view(other.cluster));
  });
  return rivals;
}

}  // namespace annals::runtime
