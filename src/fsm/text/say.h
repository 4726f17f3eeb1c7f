// How messages are made: say::pod_to_terminate(pod.name). One function for each line of the
// catalogue; a wrong number of arguments does not compile, and a time only where the text names
// {time} or {since}. An argument is a text, a number, a time, or another message, or several of
// them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/concat.h"
#include "fsm/text/message.h"

namespace annals::fsm {

// Empty for an empty message.
void add_argument(Message& to, Message message);
void add_argument(Message& to, std::vector<Message> messages);
void add_argument(Message& to, std::string text);
template <class Value>
void add_argument(Message& to, const Value& value) {
  add_argument(to, concat(value));
}

// What a text names in braces; one that it names twice counts once.
struct Places {
  std::size_t count = 0;
  std::uint64_t times = 0;  // bit i: the i-th is a time
};

consteval Places places_in(std::string_view text) {
  Places places;
  for (std::size_t at = text.find('{'); at != text.npos; at = text.find('{', at + 1)) {
    const std::string_view place = text.substr(at, text.find('}', at) - at + 1);
    if (text.find(place) != at) continue;
    if (place == "{time}" || place == "{since}") places.times |= std::uint64_t{1} << places.count;
    ++places.count;
  }
  return places;
}

template <class... Values>
consteval bool fits(Places places) {
  std::uint64_t times = 0;
  std::size_t count = 0;
  ((times |= std::uint64_t{std::is_same_v<Values, Timestamp>} << count++), ...);
  return count == places.count && (times & ~places.times) == 0;
}

template <MessageId kId, Places kPlaces>
struct Wording {
  template <class... Values>
    requires(fits<std::remove_cvref_t<Values>...>(kPlaces))
  Message operator()(Values&&... values) const {
    Message message{.id = kId, .arguments = {}};
    message.arguments.reserve(kPlaces.count);
    (add_argument(message, std::forward<Values>(values)), ...);
    return message;
  }
};

namespace say {
#define ANNALS_MESSAGE(name, text) \
  inline constexpr Wording<MessageId::name, places_in(text)> name{};
#include "fsm/text/catalogue.def"
#undef ANNALS_MESSAGE
}  // namespace say

// "a, b, c"
template <class Range>
std::string listed(const Range& names) {
  std::string text;
  for (const auto& name : names) text += concat(text.empty() ? "" : ", ", name);
  return text;
}

}  // namespace annals::fsm
