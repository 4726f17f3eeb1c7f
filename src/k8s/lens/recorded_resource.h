// The lens for PostgresCluster as its fact records it: the whole spec and the annotations as
// canonical text, and who wrote the spec last. Pure. That text may hold what a user should have put
// into a Secret: src/spec redacts it before anybody keeps it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "k8s/lens/actor.h"
#include "k8s/lens/meta.h"
#include "k8s/text/json.h"

namespace annals::k8s {

struct RecordedResource {
  ObjectMeta meta;
  std::vector<std::string> finalizers;
  // {"metadata":{"annotations":..,"name":..,"namespace":..},"spec":..}; kubectl's copy of an
  // applied manifest is left out of the annotations.
  std::string text;
  Actor spec_writer;  // other than us
};

Result<RecordedResource> read_recorded_resource(JsonReader& reader, std::string_view object);

}  // namespace annals::k8s
