// Json: a JSON value while it is built, for Kubernetes objects and for records. Keys are sorted, so
// equal values print as equal bytes, whatever the order they were written in. Made for building and
// printing, which is most of what a rendering costs: the members of an object lie in one block, and
// braces move what they are given. Untrusted text is read by other means.
//
//   Json port = {{"name", "postgres"}, {"port", 5432}};   // an object, always: {{key, value}, ...}
//   Json ports = Json::array({port});                     // a list
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "spec/opaque.h"

namespace annals::manifests {

class Json {
 public:
  struct Field;
  struct Element;
  using Array = std::vector<Json>;
  using Object = std::vector<Field>;  // sorted by name

  Json();
  Json(const Json& other);
  Json(Json&& other) noexcept;
  Json& operator=(const Json& other);
  Json& operator=(Json&& other) noexcept;
  ~Json();

  Json(std::nullptr_t);
  template <std::same_as<bool> T>
  Json(T value);
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Json(T value);
  Json(double value);
  Json(std::string value);
  Json(std::string_view value);
  Json(const char* value);
  Json(Array items);
  Json(const std::map<std::string, std::string>& members);
  Json(const std::vector<std::string>& items);
  Json(const std::vector<std::int64_t>& items);
  // Of two fields of one name the first counts.
  Json(std::initializer_list<Field> fields);

  static Json array();
  static Json array(std::initializer_list<Element> items);
  static Json object();
  // Text that was read and found to be JSON before.
  static Json parse(std::string_view text);

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_boolean() const { return std::holds_alternative<bool>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }

  // The value; it has to be of that type.
  template <class T>
  T get() const {
    if constexpr (std::integral<T> && !std::same_as<T, bool>) {
      return static_cast<T>(std::get<std::int64_t>(value_));
    } else {
      return std::get<T>(value_);
    }
  }
  const std::string& text() const { return std::get<std::string>(value_); }

  // Items or members; null has none, anything else is one.
  std::size_t size() const;
  bool empty() const { return size() == 0; }

  // The items of a list; of null none.
  Array::iterator begin();
  Array::iterator end();
  Array::const_iterator begin() const;
  Array::const_iterator end() const;
  template <std::integral T>
  Json& operator[](T place) {
    return std::get<Array>(value_).at(static_cast<std::size_t>(place));
  }
  template <std::integral T>
  const Json& operator[](T place) const {
    return std::get<Array>(value_).at(static_cast<std::size_t>(place));
  }
  void push_back(Json item);

  // The members of an object.
  const Object& items() const;
  bool contains(std::string_view name) const { return find(name) != nullptr; }
  // Null when there is no such member, or this is no object.
  const Json* find(std::string_view name) const;
  // A member that is there.
  const Json& operator[](std::string_view name) const;
  const Json& at(std::string_view name) const { return (*this)[name]; }
  // A member, made of null if it is not there; null becomes an object.
  Json& operator[](std::string_view name);
  Json& operator[](const char* name) { return (*this)[std::string_view(name)]; }
  const Json& operator[](const char* name) const { return (*this)[std::string_view(name)]; }
  Json value(std::string_view name, Json otherwise) const;
  void erase(std::string_view name);
  // Takes all members of another object; its values win.
  void update(const Json& other);

  // Without spaces. Bytes that are no UTF-8 are replaced.
  std::string dump() const;

  friend bool operator==(const Json& a, const Json& b) { return is_equal(a, b); }

 private:
  static bool is_equal(const Json& a, const Json& b);
  void print(std::string& out) const;

  // An unsigned number only where a signed one does not hold it, so that equal numbers are equal.
  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, Array,
               Object>
      value_;
};

// In braces: {"name", value}. What is mutable may be moved out of an initializer list.
struct Json::Field {
  mutable std::string name;
  mutable Json value;

  Field(std::string of, Json with) : name(std::move(of)), value(std::move(with)) {}
  Field(std::string_view of, Json with) : name(of), value(std::move(with)) {}
  Field(const char* of, Json with) : name(of), value(std::move(with)) {}
  friend bool operator==(const Field&, const Field&) = default;
};

// An item in the braces of Json::array.
struct Json::Element {
  mutable Json value;

  template <class T>
    requires std::constructible_from<Json, T>
  Element(T&& item) : value(std::forward<T>(item)) {}
};

inline Json::Json() = default;
inline Json::Json(const Json& other) = default;
inline Json::Json(Json&& other) noexcept = default;
inline Json& Json::operator=(const Json& other) = default;
inline Json& Json::operator=(Json&& other) noexcept = default;
inline Json::~Json() = default;

inline Json::Json(std::nullptr_t) {}
template <std::same_as<bool> T>
Json::Json(T value) : value_(value) {}
template <std::integral T>
  requires(!std::same_as<T, bool>)
Json::Json(T value) {
  if (std::in_range<std::int64_t>(value)) {
    value_ = static_cast<std::int64_t>(value);
  } else {
    value_ = static_cast<std::uint64_t>(value);
  }
}
inline Json::Json(double value) : value_(value) {}
inline Json::Json(std::string value) : value_(std::move(value)) {}
inline Json::Json(std::string_view value) : value_(std::string(value)) {}
inline Json::Json(const char* value) : value_(std::string(value)) {}
inline Json::Json(Array items) : value_(std::move(items)) {}

inline Json Json::array() { return Array(); }
inline bool Json::is_equal(const Json& a, const Json& b) { return a.value_ == b.value_; }

// The value that the user gave, or null where there is none.
Json value_of(const spec::Opaque& opaque);
// The items of the list that the user gave; an empty list where there is none.
Json list_of(const spec::Opaque& opaque);
// Adds the items of one list to another.
void append(Json& list, Json more);
// Sets object[name] unless the value is null, an empty string, list or object.
void set_given(Json& object, const std::string& name, Json value);

// The text that is applied and digested.
inline std::string canonical(const Json& object) { return object.dump(); }

// The text as a JSON string, with its quotation marks, at the end of `out`.
void append_quoted(std::string& out, std::string_view text);

}  // namespace annals::manifests
