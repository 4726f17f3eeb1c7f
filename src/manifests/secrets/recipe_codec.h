// Recipes as JSON, for the journal: an intent to make a Secret is durable before it is carried out.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "manifests/json.h"
#include "manifests/secrets/secrets.h"

namespace annals::manifests {

Json recipe_to_json(const SecretRecipe& recipe);
// kCorrupt where `json` is not what recipe_to_json makes.
Result<SecretRecipe> recipe_from_json(const nlohmann::json& json);

}  // namespace annals::manifests
