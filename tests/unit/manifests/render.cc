#include "tests/unit/manifests/render.h"

#include "base/concat.h"
#include "fsm/codec/json.h"
#include "manifests/yaml.h"

namespace annals::manifests {

std::string rendered(const std::vector<Desired>& desired) {
  std::string text;
  for (const Desired& one : desired) {
    text += concat("--- # ", static_cast<int>(one.rank), " ", one.object, "\n");
    if (const auto* manifest = std::get_if<Manifest>(&one.content)) {
      text += to_yaml(Json::parse(manifest->json));
    } else {
      text += to_yaml(Json::parse(fsm::write_json(std::get<SecretRecipe>(one.content))));
    }
  }
  return text;
}

std::string applicable(const std::vector<Desired>& desired) {
  std::string text;
  for (const Desired& one : desired) {
    const auto* manifest = std::get_if<Manifest>(&one.content);
    if (manifest != nullptr) text += "---\n" + to_yaml(Json::parse(manifest->json));
  }
  return text;
}

}  // namespace annals::manifests
