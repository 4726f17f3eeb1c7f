#include "k8s/lens/json_digest.h"

#include "base/sha256.h"
#include "k8s/lens/canonical_json.ipp"
#include "k8s/text/json_scratch.ipp"

namespace annals::k8s {

std::string digest_of_json(JsonReader& reader, std::string_view text) {
  simdjson::dom::element value;
  if (reader.scratch().keys.parse(text.data(), text.size()).get(value) != simdjson::SUCCESS) {
    return {};
  }
  std::string canonical;
  append_canonical_json(canonical, value);
  return sha256_hex(canonical);
}

}  // namespace annals::k8s
