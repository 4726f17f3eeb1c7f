#include "lens/volume.h"

#include "base/concat.h"
#include "k8s/lens/dom.ipp"
#include "k8s/text/json_scratch.ipp"
#include "lens/safe.h"

namespace annals::lens {
namespace {

namespace dom = simdjson::dom;

void take_controller(fsm::VolumeSeen& seen, dom::element metadata) {
  dom::array owners;
  if (metadata["ownerReferences"].get(owners) != simdjson::SUCCESS) return;
  for (const dom::element owner : owners) {
    bool is_controller = false;
    if (owner["controller"].get(is_controller) != simdjson::SUCCESS || !is_controller) continue;
    seen.owner =
        safe(concat(k8s::member_text(owner, "kind"), "/", k8s::member_text(owner, "name")));
    seen.owner_uid = safe(k8s::member_text(owner, "uid"));
  }
}

}  // namespace

Result<fsm::VolumeSeen> read_volume(k8s::JsonReader& reader, std::string_view object) {
  try {
    const dom::element root = reader.scratch().dom.parse(object.data(), object.size());
    const dom::element metadata = root["metadata"];
    fsm::VolumeSeen seen{.found = true, .uid = safe(k8s::member_text(metadata, "uid"))};
    seen.deleting = !k8s::member_text(metadata, "deletionTimestamp").empty();
    take_controller(seen, metadata);
    return seen;
  } catch (const simdjson::simdjson_error& thrown) {
    return fail(Errc::kInvalid, "malformed JSON: ", thrown.what());
  }
}

}  // namespace annals::lens
