// Fields: one description of a part of the specification, which reads, checks and prints it.
// Each part has one function `void describe(Fields&, Part&)` that names its fields once. When
// reading, the part's members get what the JSON says and keep their defaults where it says nothing;
// checks add mistakes and never stop. When printing, the members become JSON and checks do nothing,
// so what is printed reads back as the same value. A member of type std::optional tells absent from
// empty.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "spec/findings.h"
#include "spec/opaque.h"

namespace annals::spec {

using Json = nlohmann::json;

// Equal values give equal texts, whatever bytes a user's text has.
std::string canonical(const Json& value);

// The names of an enumeration in the API.
template <class E, std::size_t N>
using Choices = std::array<std::pair<std::string_view, E>, N>;

enum class Shape : std::uint8_t { kObject, kArray };
enum class Keyed : std::uint8_t { kNo, kByName };

class Fields {
 public:
  // Reads `object`, whose place is `path`; both and `findings` outlive this.
  static Fields reading(const Json& object, std::string path, Findings& findings);
  // Prints into `object`, which outlives this.
  static Fields printing(Json& object);

  bool is_reading() const { return in_ != nullptr; }
  // Whether the JSON being read has this field. False when printing.
  bool has(std::string_view name) const;
  bool has_empty_list(std::string_view name) const;

  void text(std::string_view name, std::string& value);
  void text(std::string_view name, std::optional<std::string>& value);
  void number(std::string_view name, std::int32_t& value);
  void number(std::string_view name, std::optional<std::int32_t>& value);
  void flag(std::string_view name, bool& value);
  void flag(std::string_view name, std::optional<bool>& value);
  void texts(std::string_view name, std::vector<std::string>& values);
  void numbers(std::string_view name, std::vector<std::int64_t>& values);
  void map(std::string_view name, std::map<std::string, std::string>& values);
  // Values may be numbers as well as strings; both become text.
  void settings(std::string_view name, std::map<std::string, std::string>& values);
  // A number or a string, kept as what it is.
  void number_or_text(std::string_view name, Opaque& value);
  void opaque(std::string_view name, Opaque& value, Shape shape);
  // All fields that have not been named: the rest of an object that Kubernetes defines.
  void rest(Opaque& value);
  // Part of the API that nothing acts on yet: kept, and reported when it is there.
  void not_yet(std::string_view name, Opaque& value);

  template <class E, std::size_t N>
  void choice(std::string_view name, E& value, const Choices<E, N>& choices);
  template <class E, std::size_t N>
  void choice(std::string_view name, std::optional<E>& value, const Choices<E, N>& choices);

  // Nested objects, and lists of them. In a list keyed by name no two may have the same name.
  template <class T>
  void part(std::string_view name, T& value);
  template <class T>
  void part(std::string_view name, std::optional<T>& value);
  template <class T>
  void parts(std::string_view name, std::vector<T>& values, Keyed keyed = Keyed::kNo);
  template <class T>
  void parts(std::string_view name, std::optional<std::vector<T>>& values,
             Keyed keyed = Keyed::kNo);

  // The field must be there, and not null.
  void require(std::string_view name, std::string_view remedy);
  // A mistake unless `right`.
  void check(bool right, std::string_view name, std::string_view remedy);
  // A mistake about a value below this part, "parameters.port".
  void wrong(std::string_view name, std::string_view value, std::string_view remedy);
  // The same for a value that must not be repeated in messages.
  void check_private(bool right, std::string_view name, std::string_view remedy);
  // The same where there is no single field to point at: the mistake is about this part.
  void check_self(bool right, std::string_view remedy);
  // No mistake: a value below this part is acted on as it stands, and most likely not meant so.
  void doubt(std::string_view name, std::string_view value, std::string_view remedy);
  // Says that a field that was read has no effect, when it is there.
  void unused(std::string_view name);

  const std::string& path() const { return path_; }
  // Ends the description: fields that it did not name are reported as unknown.
  void finish();

 private:
  Fields() = default;

  const Json* find(std::string_view name);
  std::string path_of(std::string_view name) const;
  void mistake(std::string_view name, std::string value, std::string_view remedy);
  void wrong_type(std::string_view name, const Json& value, std::string_view wanted);
  std::optional<Fields> enter(std::string_view name);
  void leave(std::string_view name, bool keep_empty);
  // How many items there are to describe; `present` says whether the list is there at all.
  std::size_t enter_list(std::string_view name, std::size_t size, Keyed keyed, bool& present);
  template <class T>
  void describe_items(std::string_view name, std::vector<T>& values, std::size_t size);
  std::optional<Fields> enter_item(std::string_view name, std::size_t index);
  std::optional<std::string> choice_text(std::string_view name);
  void choice_mistake(std::string_view name, const std::vector<std::string_view>& allowed);
  void put_choice(std::string_view name, std::string_view text);

  const Json* in_ = nullptr;
  Json* out_ = nullptr;
  std::string path_;
  Findings* findings_ = nullptr;
  std::set<std::string, std::less<>> named_;
};

template <class E, std::size_t N>
void Fields::choice(std::string_view name, std::optional<E>& value, const Choices<E, N>& choices) {
  if (!is_reading()) {
    for (const auto& [text, meaning] : choices) {
      if (value && meaning == *value) put_choice(name, text);
    }
    return;
  }
  const std::optional<std::string> given = choice_text(name);
  if (!given) return;
  std::vector<std::string_view> allowed;
  for (const auto& [text, meaning] : choices) {
    allowed.push_back(text);
    if (text == *given) {
      value = meaning;
      return;
    }
  }
  choice_mistake(name, allowed);
}

template <class E, std::size_t N>
void Fields::choice(std::string_view name, E& value, const Choices<E, N>& choices) {
  std::optional<E> chosen = value;
  choice(name, chosen, choices);
  value = *chosen;
}

template <class T>
void Fields::part(std::string_view name, T& value) {
  std::optional<Fields> inner = enter(name);
  if (!inner) return;
  describe(*inner, value);
  inner->finish();
  leave(name, false);
}

template <class T>
void Fields::part(std::string_view name, std::optional<T>& value) {
  if (!is_reading() && !value) return;
  std::optional<Fields> inner = enter(name);
  if (!inner) return;
  if (!value) value.emplace();
  describe(*inner, *value);
  inner->finish();
  leave(name, true);
}

template <class T>
void Fields::describe_items(std::string_view name, std::vector<T>& values, std::size_t size) {
  values.resize(size);
  for (std::size_t i = 0; i < size; ++i) {
    std::optional<Fields> item = enter_item(name, i);
    if (!item) continue;
    describe(*item, values[i]);
    item->finish();
  }
}

template <class T>
void Fields::parts(std::string_view name, std::vector<T>& values, Keyed keyed) {
  bool present = !values.empty();
  const std::size_t size = enter_list(name, values.size(), keyed, present);
  if (present) describe_items(name, values, size);
}

template <class T>
void Fields::parts(std::string_view name, std::optional<std::vector<T>>& values, Keyed keyed) {
  bool present = values.has_value();
  const std::size_t size = enter_list(name, present ? values->size() : 0, keyed, present);
  if (!present) return;
  if (!values) values.emplace();
  describe_items(name, *values, size);
}

}  // namespace annals::spec
