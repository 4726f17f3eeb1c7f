#include "manifests/whole_number.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace annals::manifests {

template <std::integral T>
T whole_number(const nlohmann::json& value) {
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (std::in_range<T>(number)) return static_cast<T>(number);
  } else if (value.is_number_integer()) {
    const auto number = value.get<std::int64_t>();
    if (std::in_range<T>(number)) return static_cast<T>(number);
  }
  throw nlohmann::json::type_error::create(302, "not a whole number that fits", &value);
}

template <std::integral T>
T whole_number(const nlohmann::json& object, const char* key, T otherwise) {
  const auto found = object.find(key);
  return found == object.end() ? otherwise : whole_number<T>(*found);
}

template int whole_number<int>(const nlohmann::json&);
template std::int64_t whole_number<std::int64_t>(const nlohmann::json&);
template std::uint64_t whole_number<std::uint64_t>(const nlohmann::json&);
template int whole_number<int>(const nlohmann::json&, const char*, int);
template std::int64_t whole_number<std::int64_t>(const nlohmann::json&, const char*, std::int64_t);
template std::uint64_t whole_number<std::uint64_t>(const nlohmann::json&, const char*,
                                                   std::uint64_t);

}  // namespace annals::manifests
