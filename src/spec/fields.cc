#include "spec/fields.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "base/concat.h"

namespace annals::spec {
namespace {

constexpr std::size_t kShownMax = 80;

// Strings in messages may be cut inside of a character; the replacement keeps the text valid.
std::string shown(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() <= kShownMax) return text;
  std::size_t end = kShownMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text + "...";
}

bool is_int32(const Json& value) {
  if (value.is_number_unsigned()) {
    return value.get<std::uint64_t>() <= std::numeric_limits<std::int32_t>::max();
  }
  if (!value.is_number_integer()) return false;
  const auto number = value.get<std::int64_t>();
  return number >= std::numeric_limits<std::int32_t>::min() &&
         number <= std::numeric_limits<std::int32_t>::max();
}

bool is_int64(const Json& value) {
  if (value.is_number_unsigned()) {
    return value.get<std::uint64_t>() <=
           static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  }
  return value.is_number_integer();
}

}  // namespace

std::string canonical(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Fields Fields::reading(const Json& object, std::string path, Findings& findings) {
  Fields fields;
  fields.in_ = &object;
  fields.path_ = std::move(path);
  fields.findings_ = &findings;
  return fields;
}

Fields Fields::printing(Json& object) {
  Fields fields;
  fields.out_ = &object;
  return fields;
}

const Json* Fields::find(std::string_view name) {
  named_.emplace(name);
  const auto found = in_->find(std::string(name));
  return found == in_->end() || found->is_null() ? nullptr : &*found;
}

bool Fields::has(std::string_view name) const {
  if (!is_reading()) return false;
  const auto found = in_->find(std::string(name));
  return found != in_->end() && !found->is_null();
}

bool Fields::has_empty_list(std::string_view name) const {
  if (!has(name)) return false;
  const Json& value = *in_->find(std::string(name));
  return value.is_array() && value.empty();
}

std::string Fields::path_of(std::string_view name) const {
  if (name.empty()) return path_;
  return path_.empty() ? std::string(name) : concat(path_, ".", name);
}

void Fields::mistake(std::string_view name, std::string value, std::string_view remedy) {
  findings_->mistakes.push_back({path_of(name), std::move(value), std::string(remedy)});
}

void Fields::wrong_type(std::string_view name, const Json& value, std::string_view wanted) {
  mistake(name, shown(value), concat("give ", wanted));
}

void Fields::text(std::string_view name, std::optional<std::string>& value) {
  if (!is_reading()) {
    if (value) (*out_)[std::string(name)] = *value;
    return;
  }
  const Json* json = find(name);
  if (json == nullptr) return;
  if (!json->is_string()) return wrong_type(name, *json, "a string");
  value = json->get<std::string>();
}

void Fields::text(std::string_view name, std::string& value) {
  std::optional<std::string> given;
  if (!is_reading() && !value.empty()) given = value;
  text(name, given);
  if (given) value = *given;
}

void Fields::number(std::string_view name, std::optional<std::int32_t>& value) {
  if (!is_reading()) {
    if (value) (*out_)[std::string(name)] = *value;
    return;
  }
  const Json* json = find(name);
  if (json == nullptr) return;
  if (!is_int32(*json)) return wrong_type(name, *json, "a whole number of 32 bits");
  value = json->get<std::int32_t>();
}

void Fields::number(std::string_view name, std::int32_t& value) {
  std::optional<std::int32_t> given = value;
  number(name, given);
  value = *given;
}

void Fields::flag(std::string_view name, std::optional<bool>& value) {
  if (!is_reading()) {
    if (value) (*out_)[std::string(name)] = *value;
    return;
  }
  const Json* json = find(name);
  if (json == nullptr) return;
  if (!json->is_boolean()) return wrong_type(name, *json, "true or false");
  value = json->get<bool>();
}

void Fields::flag(std::string_view name, bool& value) {
  std::optional<bool> given = value;
  flag(name, given);
  value = *given;
}

void Fields::texts(std::string_view name, std::vector<std::string>& values) {
  if (!is_reading()) {
    if (!values.empty()) (*out_)[std::string(name)] = values;
    return;
  }
  const Json* json = find(name);
  if (json == nullptr) return;
  if (!json->is_array()) return wrong_type(name, *json, "a list of strings");
  for (std::size_t i = 0; i < json->size(); ++i) {
    const Json& item = (*json)[i];
    if (item.is_string()) {
      values.push_back(item.get<std::string>());
    } else {
      wrong_type(concat(name, "[", i, "]"), item, "a string");
    }
  }
}

void Fields::numbers(std::string_view name, std::vector<std::int64_t>& values) {
  if (!is_reading()) {
    if (!values.empty()) (*out_)[std::string(name)] = values;
    return;
  }
  const Json* json = find(name);
  if (json == nullptr) return;
  if (!json->is_array()) return wrong_type(name, *json, "a list of whole numbers");
  for (std::size_t i = 0; i < json->size(); ++i) {
    const Json& item = (*json)[i];
    if (is_int64(item)) {
      values.push_back(item.get<std::int64_t>());
    } else {
      wrong_type(concat(name, "[", i, "]"), item, "a whole number");
    }
  }
}

void Fields::map(std::string_view name, std::map<std::string, std::string>& values) {
  if (!is_reading()) {
    if (!values.empty()) (*out_)[std::string(name)] = values;
    return;
  }
  const Json* json = find(name);
  if (json == nullptr) return;
  if (!json->is_object()) return wrong_type(name, *json, "an object whose values are strings");
  for (const auto& [key, value] : json->items()) {
    if (value.is_string()) {
      values[key] = value.get<std::string>();
    } else {
      wrong_type(concat(name, ".", key), value, "a string; put the value in quotes");
    }
  }
}

void Fields::settings(std::string_view name, std::map<std::string, std::string>& values) {
  if (!is_reading()) {
    if (!values.empty()) (*out_)[std::string(name)] = values;
    return;
  }
  const Json* json = find(name);
  if (json == nullptr) return;
  if (!json->is_object()) {
    return wrong_type(name, *json, "an object whose values are strings or whole numbers");
  }
  for (const auto& [key, value] : json->items()) {
    if (value.is_string()) {
      values[key] = value.get<std::string>();
    } else if (value.is_number_integer()) {
      values[key] = value.dump();
    } else {
      wrong_type(concat(name, ".", key), value,
                 "a string or a whole number; put the value in quotes");
    }
  }
}

void Fields::number_or_text(std::string_view name, Opaque& value) {
  if (!is_reading()) {
    if (!value.empty()) (*out_)[std::string(name)] = Json::parse(value.json);
    return;
  }
  const Json* json = find(name);
  if (json == nullptr) return;
  if (!json->is_string() && !is_int32(*json)) {
    return wrong_type(name, *json, "a whole number or a string");
  }
  value.json = canonical(*json);
}

void Fields::opaque(std::string_view name, Opaque& value, Shape shape) {
  if (!is_reading()) {
    if (!value.empty()) (*out_)[std::string(name)] = Json::parse(value.json);
    return;
  }
  const Json* json = find(name);
  if (json == nullptr) return;
  if (shape == Shape::kObject && !json->is_object()) return wrong_type(name, *json, "an object");
  if (shape == Shape::kArray && !json->is_array()) return wrong_type(name, *json, "a list");
  value.json = canonical(*json);
}

void Fields::rest(Opaque& value) {
  if (!is_reading()) {
    if (!value.empty()) out_->update(Json::parse(value.json));
    return;
  }
  Json others = Json::object();
  for (const auto& [key, field] : in_->items()) {
    if (!named_.contains(key) && !field.is_null()) others[key] = field;
  }
  for (const auto& [key, field] : in_->items()) named_.insert(key);
  value.json = others.empty() ? std::string() : canonical(others);
}

void Fields::not_yet(std::string_view name, Opaque& value) {
  if (!is_reading()) {
    if (!value.empty()) (*out_)[std::string(name)] = Json::parse(value.json);
    return;
  }
  const Json* json = find(name);
  if (json == nullptr) return;
  value.json = canonical(*json);
  unused(name);
}

std::optional<std::string> Fields::choice_text(std::string_view name) {
  const Json* json = find(name);
  if (json == nullptr) return std::nullopt;
  return json->is_string() ? json->get<std::string>() : json->dump();
}

void Fields::choice_mistake(std::string_view name, const std::vector<std::string_view>& allowed) {
  std::string remedy = "choose one of";
  for (std::size_t i = 0; i < allowed.size(); ++i)
    remedy += concat(i == 0 ? " " : ", ", allowed[i]);
  mistake(name, shown(*find(name)), remedy);
}

void Fields::put_choice(std::string_view name, std::string_view text) {
  (*out_)[std::string(name)] = std::string(text);
}

void Fields::require(std::string_view name, std::string_view remedy) {
  if (is_reading() && find(name) == nullptr) mistake(name, "", remedy);
}

void Fields::check(bool right, std::string_view name, std::string_view remedy) {
  if (right || !is_reading()) return;
  const auto found = in_->find(std::string(name));
  mistake(name, found == in_->end() ? std::string() : shown(*found), remedy);
}

void Fields::wrong(std::string_view name, std::string_view value, std::string_view remedy) {
  if (is_reading()) mistake(name, shown(Json(std::string(value))), remedy);
}

void Fields::doubt(std::string_view name, std::string_view value, std::string_view remedy) {
  if (!is_reading()) return;
  findings_->doubts.push_back(
      {path_of(name), shown(Json(std::string(value))), std::string(remedy)});
}

void Fields::check_private(bool right, std::string_view name, std::string_view remedy) {
  if (!right && is_reading()) mistake(name, "(not shown)", remedy);
}

void Fields::check_self(bool right, std::string_view remedy) {
  if (!right && is_reading()) mistake("", shown(*in_), remedy);
}

void Fields::unused(std::string_view name) {
  if (has(name)) findings_->unused.push_back({path_of(name), Unused::kNotYet});
}

void Fields::finish() {
  if (!is_reading()) return;
  if (findings_->looked_for) {
    for (const std::string& name : named_) findings_->looked_for->insert(path_of(name));
  }
  for (const auto& [key, value] : in_->items()) {
    if (!named_.contains(key)) findings_->unused.push_back({path_of(key), Unused::kUnknown});
  }
}

std::optional<Fields> Fields::enter(std::string_view name) {
  if (!is_reading()) {
    Json& inner = (*out_)[std::string(name)];
    inner = Json::object();
    return printing(inner);
  }
  const Json* json = find(name);
  if (json == nullptr) return std::nullopt;
  if (!json->is_object()) {
    wrong_type(name, *json, "an object");
    return std::nullopt;
  }
  return reading(*json, path_of(name), *findings_);
}

void Fields::leave(std::string_view name, bool keep_empty) {
  if (is_reading() || keep_empty) return;
  if ((*out_)[std::string(name)].empty()) out_->erase(std::string(name));
}

std::size_t Fields::enter_list(std::string_view name, std::size_t size, Keyed keyed,
                               bool& present) {
  if (!is_reading()) {
    if (present) (*out_)[std::string(name)] = Json::array();
    return size;
  }
  const Json* json = find(name);
  present = json != nullptr && json->is_array();
  if (json != nullptr && !present) wrong_type(name, *json, "a list");
  if (!present) return 0;
  std::set<std::string> seen;
  for (std::size_t i = 0; keyed == Keyed::kByName && i < json->size(); ++i) {
    const Json& item = (*json)[i];
    if (!item.is_object() || !item.contains("name") || !item["name"].is_string()) continue;
    if (!seen.insert(item["name"].get<std::string>()).second) {
      mistake(concat(name, "[", i, "].name"), shown(item["name"]), "give each a unique name");
    }
  }
  return json->size();
}

std::optional<Fields> Fields::enter_item(std::string_view name, std::size_t index) {
  if (!is_reading()) {
    Json& list = (*out_)[std::string(name)];
    list.push_back(Json::object());
    return printing(list.back());
  }
  const Json& item = (*find(name))[index];
  const std::string place = concat(name, "[", index, "]");
  if (!item.is_object()) {
    wrong_type(place, item, "an object");
    return std::nullopt;
  }
  return reading(item, path_of(place), *findings_);
}

}  // namespace annals::spec
