#include "manifests/json.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace annals::manifests {

Json value_of(const spec::Opaque& opaque) {
  return opaque.empty() ? Json() : Json::parse(opaque.json);
}

Json list_of(const spec::Opaque& opaque) {
  return opaque.empty() ? Json::array() : Json::parse(opaque.json);
}

void append(Json& list, const Json& more) { list.insert(list.end(), more.begin(), more.end()); }

void set_given(Json& object, const std::string& name, Json value) {
  if (value.empty() || (value.is_string() && value.get_ref<const std::string&>().empty())) return;
  object[name] = std::move(value);
}

std::string canonical(const Json& object) {
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace annals::manifests
