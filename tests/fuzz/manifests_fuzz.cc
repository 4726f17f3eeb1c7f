// Any JSON, as a value of our own, prints as text that reads back as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "manifests/json.h"

using annals::manifests::Json;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) return 0;
  const Json value = Json::parse(text);
  const std::string printed = value.dump();
  if (!(Json::parse(printed) == value)) std::abort();
  if (nlohmann::json::parse(printed) != json) std::abort();
  return 0;
}
