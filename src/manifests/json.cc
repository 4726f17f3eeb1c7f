#include "manifests/json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <nlohmann/json.hpp>

#include "base/assert.h"

namespace annals::manifests {
namespace {

// Of most objects and records, so that their text does not move while it grows.
constexpr std::size_t kUsualLength = 1024;

template <class Fields>
auto place_of(Fields& fields, std::string_view name) {
  return std::ranges::lower_bound(
      fields, name, {}, [](const Json::Field& field) -> std::string_view { return field.name; });
}

bool is_at(const Json::Object& fields, Json::Object::const_iterator place, std::string_view name) {
  return place != fields.end() && place->name == name;
}

// Bytes that stand in a JSON string as they are. Behind ASCII somebody has to look at sequences.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 0x80; ++byte) plain[byte] = byte != '"' && byte != '\\';
  return plain;
}();
bool is_plain(char c) { return kPlain[static_cast<unsigned char>(c)]; }

// How many bytes are plain before the first that is not. Manifests and scripts are long: eight at a
// time, of which any may be the one.
std::size_t plain_bytes(std::string_view text) {
  constexpr std::uint64_t kEach = 0x0101010101010101U;
  constexpr std::uint64_t kTop = 0x80 * kEach;
  const auto has_zero = [](std::uint64_t bytes) { return (bytes - kEach) & ~bytes; };
  std::size_t at = 0;
  for (std::uint64_t word = 0; at + sizeof(word) <= text.size(); at += sizeof(word)) {
    std::memcpy(&word, text.data() + at, sizeof(word));
    const std::uint64_t below_space = word - 0x20 * kEach;
    const std::uint64_t special =
        has_zero(word ^ ('"' * kEach)) | has_zero(word ^ ('\\' * kEach)) | below_space | word;
    if ((special & kTop) != 0) break;
  }
  while (at < text.size() && is_plain(text[at])) ++at;
  return at;
}

void append_escaped(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  constexpr std::string_view kEscaped = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  out += '\\';
  const std::size_t known = kEscaped.find(c);
  if (known != std::string_view::npos) {
    out += kLetters[known];
    return;
  }
  out += "u00";
  out += kHex[static_cast<unsigned char>(c) >> 4U];
  out += kHex[static_cast<unsigned char>(c) & 0xfU];
}

template <class T>
void append_number(std::string& out, T value) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

// Hears what the parser reads, and builds it.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return put(Json()); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t&) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool key(string_t& name) override {
    names_.back() = name;
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

  Json done() && { return std::move(done_); }

 private:
  bool open(Json container) {
    open_.push_back(std::move(container));
    names_.emplace_back();
    return true;
  }
  bool close() {
    Json container = std::move(open_.back());
    open_.pop_back();
    names_.pop_back();
    return put(std::move(container));
  }
  bool put(Json value) {
    if (open_.empty()) {
      done_ = std::move(value);
    } else if (open_.back().is_array()) {
      open_.back().push_back(std::move(value));
    } else {
      open_.back()[names_.back()] = std::move(value);
    }
    return true;
  }

  std::vector<Json> open_;
  std::vector<std::string> names_;  // of the next member of each
  Json done_;
};

}  // namespace

Json::Json(const std::map<std::string, std::string>& members) {
  Object& fields = value_.emplace<Object>();
  fields.reserve(members.size());
  for (const auto& [name, value] : members) fields.emplace_back(name, value);
}

Json::Json(const std::vector<std::string>& items) : value_(Array(items.begin(), items.end())) {}
Json::Json(const std::vector<std::int64_t>& items) : value_(Array(items.begin(), items.end())) {}

// Sorted before anything is moved, because moving a field costs more than a place in a list.
Json::Json(std::initializer_list<Field> fields) {
  // Most have few fields, and then a place for their pointers costs nothing.
  std::array<std::byte, 16 * sizeof(void*)> place_for_few;
  std::pmr::monotonic_buffer_resource memory(place_for_few.data(), place_for_few.size());
  std::pmr::vector<const Field*> sorted(&memory);
  sorted.reserve(fields.size());
  for (const Field& field : fields) {
    const auto place = std::ranges::upper_bound(sorted, field.name, {}, &Field::name);
    sorted.insert(place, &field);
  }
  Object& members = value_.emplace<Object>();
  members.reserve(fields.size());
  for (const Field* field : sorted) {
    if (!members.empty() && members.back().name == field->name) continue;
    members.emplace_back(std::move(field->name), std::move(field->value));
  }
}

Json Json::array(std::initializer_list<Element> items) {
  Array all;
  all.reserve(items.size());
  for (const Element& item : items) all.push_back(std::move(item.value));
  return all;
}

Json Json::object() {
  Json json;
  json.value_.emplace<Object>();
  return json;
}

Json Json::parse(std::string_view text) {
  Builder builder;
  const bool good = nlohmann::json::sax_parse(text, &builder);
  ANNALS_ASSERT(good, "this was JSON before: ", text.substr(0, 100));
  return std::move(builder).done();
}

std::size_t Json::size() const {
  if (is_null()) return 0;
  if (const auto* list = std::get_if<Array>(&value_)) return list->size();
  if (const auto* fields = std::get_if<Object>(&value_)) return fields->size();
  return 1;
}

Json::Array::iterator Json::begin() {
  auto* list = std::get_if<Array>(&value_);
  return list == nullptr ? Array::iterator() : list->begin();
}
Json::Array::iterator Json::end() {
  auto* list = std::get_if<Array>(&value_);
  return list == nullptr ? Array::iterator() : list->end();
}
Json::Array::const_iterator Json::begin() const {
  const auto* list = std::get_if<Array>(&value_);
  return list == nullptr ? Array::const_iterator() : list->begin();
}
Json::Array::const_iterator Json::end() const {
  const auto* list = std::get_if<Array>(&value_);
  return list == nullptr ? Array::const_iterator() : list->end();
}

void Json::push_back(Json item) {
  if (is_null()) value_.emplace<Array>();
  std::get<Array>(value_).push_back(std::move(item));
}

const Json::Object& Json::items() const { return std::get<Object>(value_); }

const Json* Json::find(std::string_view name) const {
  const auto* fields = std::get_if<Object>(&value_);
  if (fields == nullptr) return nullptr;
  const auto place = place_of(*fields, name);
  return is_at(*fields, place, name) ? &place->value : nullptr;
}

const Json& Json::operator[](std::string_view name) const {
  const Json* member = find(name);
  ANNALS_ASSERT(member != nullptr, "no member ", name);
  return *member;
}

Json& Json::operator[](std::string_view name) {
  if (is_null()) value_.emplace<Object>();
  auto& fields = std::get<Object>(value_);
  auto place = place_of(fields, name);
  if (!is_at(fields, place, name)) place = fields.emplace(place, name, Json());
  return place->value;
}

Json Json::value(std::string_view name, Json otherwise) const {
  const Json* member = find(name);
  if (member == nullptr) return otherwise;
  return *member;
}

void Json::erase(std::string_view name) {
  auto& fields = std::get<Object>(value_);
  const auto place = place_of(fields, name);
  if (is_at(fields, place, name)) fields.erase(place);
}

void Json::update(const Json& other) {
  for (const auto& [name, value] : other.items()) (*this)[name] = value;
}

std::string Json::dump() const {
  std::string out;
  out.reserve(kUsualLength);
  print(out);
  return out;
}

void Json::print(std::string& out) const {
  if (is_null()) {
    out += "null";
  } else if (const auto* yes = std::get_if<bool>(&value_)) {
    out += *yes ? "true" : "false";
  } else if (const auto* number = std::get_if<std::int64_t>(&value_)) {
    append_number(out, *number);
  } else if (const auto* large = std::get_if<std::uint64_t>(&value_)) {
    append_number(out, *large);
  } else if (const auto* real = std::get_if<double>(&value_)) {
    out += nlohmann::json(*real).dump();
  } else if (const auto* words = std::get_if<std::string>(&value_)) {
    append_quoted(out, *words);
  } else if (const auto* list = std::get_if<Array>(&value_)) {
    out += '[';
    for (const Json& item : *list) {
      if (&item != list->data()) out += ',';
      item.print(out);
    }
    out += ']';
  } else {
    const auto& fields = std::get<Object>(value_);
    out += '{';
    for (const Field& field : fields) {
      if (&field != fields.data()) out += ',';
      append_quoted(out, field.name);
      out += ':';
      field.value.print(out);
    }
    out += '}';
  }
}

void append_quoted(std::string& out, std::string_view text) {
  const std::size_t before = out.size();
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t next = at + plain_bytes(text.substr(at));
    out.append(text, at, next - at);
    if (next == text.size()) break;
    if (static_cast<unsigned char>(text[next]) >= 0x80U) {
      // Not ASCII: the library knows which sequences are UTF-8.
      out.resize(before);
      out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
      return;
    }
    append_escaped(out, text[next]);
    at = next + 1;
  }
  out += '"';
}

Json value_of(const spec::Opaque& opaque) {
  return opaque.empty() ? Json() : Json::parse(opaque.json);
}

Json list_of(const spec::Opaque& opaque) {
  return opaque.empty() ? Json::array() : Json::parse(opaque.json);
}

void append(Json& list, Json more) {
  for (Json& item : more) list.push_back(std::move(item));
}

void set_given(Json& object, const std::string& name, Json value) {
  if (value.empty() || (value.is_string() && value.text().empty())) return;
  object[name] = std::move(value);
}

}  // namespace annals::manifests
