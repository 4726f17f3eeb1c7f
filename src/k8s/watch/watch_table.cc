#include "k8s/watch/watch_table.h"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <utility>

#include "base/assert.h"

namespace annals::k8s {
namespace {

// Longer ones Kubernetes does not have.
std::uint16_t size_of(std::string_view text) {
  ANNALS_ASSERT(std::in_range<std::uint16_t>(text.size()), "a name of ", text.size(), " bytes");
  return static_cast<std::uint16_t>(text.size());
}

}  // namespace

WatchTable::Entry::Entry(const ObjectKey& key, std::string_view mark)
    : name_space_size_(size_of(key.name_space)),
      name_size_(size_of(key.name)),
      uid_size_(size_of(key.uid)),
      mark_size_(size_of(mark)) {
  const std::string all = key.name_space + key.name + key.uid + std::string(mark);
  texts_ = std::make_unique_for_overwrite<char[]>(all.size());
  std::memcpy(texts_.get(), all.data(), all.size());
}

WatchTable::Vanished WatchTable::Entry::vanished() const {
  return {.key = {std::string(name_space()), std::string(name()), std::string(uid())},
          .mark = std::string(mark())};
}

WatchTable::Entries::iterator WatchTable::place_of(const ObjectKey& key) {
  const auto name_of = [](const Entry& entry) {
    return std::tuple(entry.name_space(), entry.name());
  };
  const std::tuple<std::string_view, std::string_view> name(key.name_space, key.name);
  // Lists come in order.
  if (!entries_.empty() && name_of(entries_.back()) < name) return entries_.end();
  return std::ranges::lower_bound(entries_, name, {}, name_of);
}

bool WatchTable::is_there(Entries::iterator place, const ObjectKey& key) const {
  return place != entries_.end() && place->name() == key.name &&
         place->name_space() == key.name_space;
}

WatchTable::Sighting WatchTable::saw(const ObjectKey& key, const Digest& digest,
                                     std::string_view mark) {
  Look look{};
  std::copy_n(digest.bytes.begin(), look.size(), look.begin());
  return saw_as(key, look, mark);
}

WatchTable::Sighting WatchTable::saw_unreadable(const ObjectKey& key) {
  return saw_as(key, Look{}, std::nullopt);  // no SHA-256 that anybody will meet
}

WatchTable::Sighting WatchTable::saw_as(const ObjectKey& key, const Look& look,
                                        std::optional<std::string_view> mark) {
  auto place = place_of(key);
  Sighting sighting;
  if (!is_there(place, key)) {
    sighting.news = News::kAppeared;
    place = entries_.emplace(place, key, mark.value_or(std::string_view()));
  } else if (place->uid() != key.uid) {
    sighting.news = News::kAppeared;
    sighting.replaced = place->vanished();
    *place = Entry(key, mark.value_or(std::string_view()));
  } else {
    if (place->look != look) sighting.news = News::kChanged;
    if (mark && *mark != place->mark()) *place = Entry(key, *mark);
  }
  place->look = look;
  place->round = round_;
  return sighting;
}

std::optional<std::string> WatchTable::gone(const ObjectKey& key) {
  const auto place = place_of(key);
  if (!is_there(place, key) || place->uid() != key.uid) return std::nullopt;
  std::string mark(place->mark());
  entries_.erase(place);
  return mark;
}

std::vector<WatchTable::Vanished> WatchTable::end_list() {
  std::vector<Vanished> vanished;
  std::erase_if(entries_, [&](const Entry& entry) {
    if (entry.round == round_) return false;
    vanished.push_back(entry.vanished());
    return true;
  });
  entries_.shrink_to_fit();
  return vanished;
}

}  // namespace annals::k8s
