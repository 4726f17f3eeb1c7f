#include "fsm/codec/message_codec.h"

#include <map>
#include <utility>

#include "base/concat.h"
#include "fsm/codec/json.h"
#include "fsm/text/sentence.h"

namespace annals::fsm {
namespace {

constexpr std::string_view kSay = "say";

// Of another version: what it says is not lost.
Message words_of(const std::string& say, const std::map<std::string, Argument>& arguments) {
  std::string words = say;
  for (const auto& [name, argument] : arguments) {
    words += concat(" ", name, "=\"", argument.text);
    for (const Message& message : argument.messages) words += sentence(message);
    words += '"';
  }
  return literal(std::move(words));
}

Message message_of(const std::string& say, std::map<std::string, Argument> arguments) {
  const std::optional<MessageId> id = message_id(say);
  if (!id) return words_of(say, arguments);
  Message message{.id = *id, .arguments = {}};
  for (const std::string& name : arguments_of(*id))
    message.arguments.push_back(std::move(arguments[name]));
  return message;
}

}  // namespace

void JsonWriter::put(const Argument& argument) {
  if (argument.messages.empty()) return put(argument.text);
  put(argument.messages);
}

void JsonWriter::put(const Message& message) {
  if (message.empty()) return put(std::string_view());
  if (message.id == MessageId::literal) return put(message.arguments.at(0).text);
  std::map<std::string_view, const Argument*> parts{{kSay, nullptr}};
  const auto names = arguments_of(message.id);
  for (std::size_t i = 0; i < message.arguments.size(); ++i) {
    if (message.arguments[i] != Argument()) parts.emplace(names[i], &message.arguments[i]);
  }
  out_ += '{';
  for (const auto& [name, argument] : parts) {
    put(name);
    out_ += ':';
    if (argument == nullptr) {
      put(name_of(message.id));
    } else {
      put(*argument);
    }
    out_ += ',';
  }
  close('}');
}

void JsonDecoder::get(Argument& argument) {
  argument = {};
  if (json_.is_at('"')) return json_.read_text(argument.text);
  get(argument.messages);
}

void JsonDecoder::get(Message& message) {
  if (json_.is_at('"')) {
    message = literal(value<std::string>());
    return;
  }
  std::string say;
  std::map<std::string, Argument> arguments;
  json_.each_member([&](std::string_view name) {
    if (name == kSay) return json_.read_text(say);
    std::string key(name);
    get(arguments[std::move(key)]);
  });
  if (say.empty()) json_.fail("a message says nothing");
  message = message_of(say, std::move(arguments));
}

std::string encode_message(const Message& message) { return write_json(message); }

Result<Message> decode_message(std::string_view json) { return read_json<Message>(json); }

}  // namespace annals::fsm
