// Any JSON is the recipe of a Secret or an error, and what is read is written as it was read. As a
// value of our own it prints as text that reads back as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "manifests/secrets/recipe_codec.h"

namespace {

using namespace annals::manifests;  // NOLINT(google-build-using-namespace): a program of one
                                    // function

void look_at_recipe(const nlohmann::json& json) {
  const annals::Result<SecretRecipe> recipe = recipe_from_json(json);
  if (!recipe) return;
  const std::string once = recipe_to_json(*recipe).dump();
  const annals::Result<SecretRecipe> again = recipe_from_json(nlohmann::json::parse(once));
  if (!again || !(*again == *recipe)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) return 0;
  look_at_recipe(json);
  const Json value = Json::parse(text);
  const std::string printed = value.dump();
  if (!(Json::parse(printed) == value)) std::abort();
  if (nlohmann::json::parse(printed) != json) std::abort();
  return 0;
}
