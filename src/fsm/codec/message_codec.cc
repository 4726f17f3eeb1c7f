#include "fsm/codec/message_codec.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/concat.h"
#include "fsm/text/sentence.h"

namespace annals::fsm {
namespace {

using manifests::Json;  // what is written
using nlohmann::json;   // what is read

constexpr const char* kId = "say";
// More than any message has; whoever writes records may nest them without end.
constexpr int kDeepest = 16;

Json argument_json(const Argument& argument) {
  if (argument.messages.empty()) return argument.text;
  Json all = Json::array();
  for (const Message& message : argument.messages) all.push_back(message_to_json(message));
  return all;
}

Message message_of(const json& from, int depth);

Argument argument_of(const json& from, int depth) {
  if (from.is_string()) return {.text = from.get<std::string>(), .messages = {}};
  Argument argument;
  for (const json& each : from) argument.messages.push_back(message_of(each, depth + 1));
  return argument;
}

// Of another version: what it says is not lost.
Message words_of(const json& from) {
  std::string words = from.at(kId).get<std::string>();
  for (const auto& [name, value] : from.items()) {
    if (name != kId) words += concat(" ", name, "=", value.dump());
  }
  return literal(std::move(words));
}

Message message_of(const json& from, int depth) {
  if (from.is_string() || depth > kDeepest)
    return literal(from.is_string() ? from.get<std::string>() : from.dump());
  const std::optional<MessageId> id = message_id(from.at(kId).get<std::string>());
  if (!id) return words_of(from);
  Message message{.id = *id, .arguments = {}};
  for (const std::string& name : arguments_of(*id)) {
    const auto found = from.find(name);
    message.arguments.push_back(found == from.end() ? Argument() : argument_of(*found, depth));
  }
  return message;
}

}  // namespace

Json message_to_json(const Message& message) {
  if (message.empty()) return "";
  if (message.id == MessageId::literal) return message.arguments.at(0).text;
  Json document = {{kId, name_of(message.id)}};
  const auto names = arguments_of(message.id);
  for (std::size_t i = 0; i < message.arguments.size(); ++i) {
    const Argument& argument = message.arguments[i];
    if (argument != Argument()) document[names[i]] = argument_json(argument);
  }
  return document;
}

Message message_from_json(const json& from) { return message_of(from, 0); }

}  // namespace annals::fsm
