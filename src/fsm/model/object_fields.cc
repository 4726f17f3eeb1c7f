#include "fsm/model/object_fields.h"

#include <system_error>

namespace annals::fsm {
namespace {

bool set_value(std::optional<std::string>& value, std::string&& text) {
  value = std::move(text);
  return true;
}

bool set_value(std::optional<std::int64_t>& value, std::string&& text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return false;
  value = number;
  return true;
}

// What is not so has no field.
bool set_value(bool& value, std::string&& /*text*/) {
  value = true;
  return true;
}

// Into a value of its own first, so that a text that is none makes no group.
template <class Group, class Value>
bool set_one(ObjectFields& fields, const FieldForm<Group, Value>& form, std::string&& text) {
  Value value{};
  if (!set_value(value, std::move(text))) return false;
  (fields.*(form.group)).edit().*(form.value) = std::move(value);
  return true;
}

constexpr bool is_sorted() {
  return std::apply(
      [](const auto&... forms) {
        std::string_view last;
        return ((std::exchange(last, forms.name) < forms.name) && ...);
      },
      kObjectFields);
}
static_assert(is_sorted(), "records have fields by their names");

}  // namespace

bool set_field(ObjectFields& fields, std::string_view name, std::string text) {
  const auto set_if = [&](const auto& form) {
    return form.name == name && set_one(fields, form, std::move(text));
  };
  return std::apply([&](const auto&... forms) { return (set_if(forms) || ...); }, kObjectFields);
}

std::size_t count(const ObjectFields& fields) {
  std::size_t all = 0;
  each_field(fields, [&all](std::string_view, std::string_view) { all += 1; });
  return all;
}

}  // namespace annals::fsm
