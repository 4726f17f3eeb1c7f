// How messages are made: say::pod_to_terminate(pod.name). One function for each line of the
// catalogue; a wrong number of arguments does not compile. An argument is a text, a number, or
// another message, or several of them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

template <MessageId kId, std::size_t kPlaces>
struct Wording {
  template <class... Values>
    requires(sizeof...(Values) == kPlaces)
  Message operator()(Values&&... values) const {
    Message message{.id = kId, .arguments = {}};
    message.arguments.reserve(kPlaces);
    (add_argument(message, std::forward<Values>(values)), ...);
    return message;
  }
};

// How many arguments a text names; one that it names twice counts once.
consteval std::size_t places_in(std::string_view text) {
  std::size_t places = 0;
  for (std::size_t at = text.find('{'); at != text.npos; at = text.find('{', at + 1)) {
    const std::string_view place = text.substr(at, text.find('}', at) - at + 1);
    places += text.find(place) == at ? 1 : 0;
  }
  return places;
}

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
