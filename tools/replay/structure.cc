#include "structure.h"

#include <nlohmann/json.hpp>

#include "fsm/codec/message_codec.h"

namespace annals::replay {
namespace {

using nlohmann::json;

bool is_prose(const json& message) { return message.is_string(); }

bool is_same_message(const json& one, const json& other) {
  if (is_prose(one) || is_prose(other)) return true;
  const Result<fsm::Message> message = fsm::decode_message(one.dump());
  const Result<fsm::Message> its = fsm::decode_message(other.dump());
  return message && its && *message == *its;
}

bool is_same_predicate(const json& one, const json& other, bool with_value) {
  return one.at("name") == other.at("name") && one.at("holds") == other.at("holds") &&
         (!with_value || one.at("value") == other.at("value"));
}

bool are_same_predicates(const json& one, const json& other, bool with_values) {
  if (one.size() != other.size()) return false;
  for (std::size_t i = 0; i < one.size(); ++i) {
    if (!is_same_predicate(one.at(i), other.at(i), with_values)) return false;
  }
  return true;
}

bool is_same_decision(const json& one, const json& other) {
  const json& reason = one.at("reason");
  const json& other_reason = other.at("reason");
  const bool with_values = !is_prose(reason) && !is_prose(other_reason);
  return one.at("machine") == other.at("machine") &&
         one.at("transition") == other.at("transition") &&
         one.at("intents") == other.at("intents") && is_same_message(reason, other_reason) &&
         are_same_predicates(one.at("inputs"), other.at("inputs"), with_values);
}

bool is_message(const std::string& name) {
  return name == "message" || name == "lost" || name == "otherCopy" || name == "allowedBy";
}

bool is_same_part(const std::string& name, const json& one, const json& other);

bool are_same_parts(const json& one, const json& other) {
  if (one.size() != other.size()) return false;
  for (const auto& [name, value] : one.items()) {
    const auto its = other.find(name);
    if (its == other.end() || !is_same_part(name, value, *its)) return false;
  }
  return true;
}

bool is_same_part(const std::string& name, const json& one, const json& other) {
  if (is_message(name)) return is_same_message(one, other);
  if (name == "guard") return are_same_parts(one, other);
  return one == other;
}

// An Event's digest is made of its message, and a status' of those of its conditions.
bool is_digest_of_words(const json& one, const json& other) {
  const std::string target = one.at("target").get<std::string>();
  const bool is_event = one.contains("message");
  return (is_event && (is_prose(one.at("message")) || is_prose(other.at("message")))) ||
         (target.ends_with("/status") && !one.contains("manifest"));
}

bool is_same_intent(json one, json other) {
  if (one.at("target") != other.at("target")) return false;
  if (is_digest_of_words(one, other)) {
    one.erase("digest");
    other.erase("digest");
  }
  return are_same_parts(one, other);
}

}  // namespace

bool is_same_structure(std::string_view recorded, std::string_view computed) {
  if (recorded == computed) return true;
  try {
    const json one = json::parse(recorded);
    const json other = json::parse(computed);
    if (one.contains("machine") != other.contains("machine")) return false;
    return one.contains("machine") ? is_same_decision(one, other) : is_same_intent(one, other);
  } catch (const json::exception&) {
    return false;
  }
}

}  // namespace annals::replay
