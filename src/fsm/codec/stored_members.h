// The members of a struct as they are stored: by which name, in the order of names, and when.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fsm/codec/forms.h"
#include "fsm/codec/members.h"

namespace annals::fsm {

enum class Presence : std::uint8_t {
  kAlways,   // a record without it is corrupt
  kWritten,  // it is written always, and what lacks it is older
  kWhenSet,  // it is written where it is not what it is in a new struct
  kNever,
};

// "waits_for" as "waitsFor", with what stands around it in JSON.
class StoredName {
 public:
  constexpr StoredName() = default;
  constexpr explicit StoredName(std::string_view declared) {
    add('"');
    for (std::size_t i = 0; i < declared.size(); ++i) {
      const bool starts_word = i > 0 && declared[i - 1] == '_' && declared[i] >= 'a';
      if (starts_word) {
        add(static_cast<char>(declared[i] - 'a' + 'A'));
      } else if (declared[i] != '_') {
        add(declared[i]);
      }
    }
    add('"');
    add(':');
  }

  constexpr std::string_view name() const { return {text_.data() + 1, size_ - 3}; }
  constexpr std::string_view before_value() const { return {text_.data(), size_}; }

 private:
  constexpr void add(char c) { text_.at(size_++) = c; }

  std::array<char, 40> text_{};
  std::size_t size_ = 0;
};

struct StoredMember {
  StoredName name;
  std::size_t place = 0;  // among those declared
  Presence presence = Presence::kNever;
  bool apart = false;
};

namespace detail {

// Calls use(word) for each of the words that blanks part.
constexpr void for_each_word(std::string_view words, auto use) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    use(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
}
constexpr bool has_word(std::string_view words, std::string_view word) {
  bool found = false;
  for_each_word(words, [&](std::string_view each) { found = found || each == word; });
  return found;
}

template <Struct T, std::size_t I>
consteval StoredMember stored_member() {
  using Type = std::remove_cvref_t<decltype(member<I>(std::declval<T&>()))>;
  StoredMember stored{.name = StoredName(renamed(kMemberName<T, I>)), .place = I};
  const std::string_view name = stored.name.name();
  const bool is_elsewhere = kIsDerived<Type> || has_word(kForm<T>.among_fields, name);
  stored.presence = is_elsewhere                      ? Presence::kNever
                    : has_word(kForm<T>.always, name) ? Presence::kAlways
                    : has_word(kForm<T>.later, name)  ? Presence::kWritten
                                                      : Presence::kWhenSet;
  stored.apart = has_word(kForm<T>.apart, name);
  return stored;
}

template <Struct T>
consteval auto stored_members() {
  std::array<StoredMember, kMemberCount<T>> members{};
  [&]<std::size_t... Is>(std::index_sequence<Is...>) {
    ((members[Is] = stored_member<T, Is>()), ...);
  }(std::make_index_sequence<kMemberCount<T>>());
  std::ranges::sort(members, {}, [](const StoredMember& each) { return each.name.name(); });
  return members;
}

// Whether everything that the form tells of is there: a stored name is never given up.
template <Struct T>
consteval bool has_all_of(std::string_view words) {
  bool all = true;
  for_each_word(words, [&](std::string_view word) {
    all = all && std::ranges::any_of(stored_members<T>(), [&](const StoredMember& each) {
            return each.name.name() == word;
          });
  });
  return all;
}

}  // namespace detail

template <Struct T>
inline constexpr auto kStoredMembers = detail::stored_members<T>();

template <Struct T>
consteval bool is_form_of_its_members() {
  return detail::has_all_of<T>(kForm<T>.always) && detail::has_all_of<T>(kForm<T>.later) &&
         detail::has_all_of<T>(kForm<T>.apart) && detail::has_all_of<T>(kForm<T>.among_fields);
}

// Where the texts are declared that stand among the fields; kMemberCount<T> where there are none.
template <Struct T>
inline constexpr std::size_t kPlaceAmongFields = [] {
  for (const StoredMember& each : kStoredMembers<T>) {
    if (each.name.name() == kForm<T>.among_fields) return each.place;
  }
  return kMemberCount<T>;
}();

}  // namespace annals::fsm
