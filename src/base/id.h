// Strong ids: the same representation under different names, so that one cannot stand for another.
// An Id is a value: copyable, ordered, hashable, and never converted silently in either direction.
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace annals {

template <class Tag, class Rep>
class Id {
 public:
  using Representation = Rep;

  constexpr Id() = default;
  constexpr explicit Id(Rep value) : value_(std::move(value)) {}

  constexpr const Rep& value() const { return value_; }

  // The id that follows, for the counting kinds.
  constexpr Id next() const
    requires std::integral<Rep>
  {
    return Id(static_cast<Rep>(value_ + 1));
  }

  friend constexpr auto operator<=>(const Id&, const Id&) = default;
  friend constexpr bool operator==(const Id&, const Id&) = default;

 private:
  Rep value_{};
};

// Position of a record in the journal, from 1, contiguous. 0 means "no record".
using Sequence = Id<struct SequenceTag, std::uint64_t>;
// Term of leadership; a higher epoch fences all lower ones. 0 means "before the first leader".
using Epoch = Id<struct EpochTag, std::uint64_t>;
// metadata.uid of a custom resource, never its name: a re-created namesake is another cluster.
using ClusterUid = Id<struct ClusterUidTag, std::string>;

// The stream of records that belong to no cluster: image map, feature gates, leadership.
inline ClusterUid operator_stream() { return ClusterUid("operator"); }

template <class Tag, class Rep>
std::string to_string(const Id<Tag, Rep>& id) {
  if constexpr (std::integral<Rep>) {
    return std::to_string(id.value());
  } else {
    return std::string(id.value());
  }
}

}  // namespace annals

template <class Tag, class Rep>
struct std::hash<annals::Id<Tag, Rep>> {
  std::size_t operator()(const annals::Id<Tag, Rep>& id) const noexcept {
    return std::hash<Rep>{}(id.value());
  }
};
