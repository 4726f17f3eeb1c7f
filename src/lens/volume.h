// A volume claim that nobody watches: whose it is.
#pragma once

#include <string_view>

#include "base/result.h"
#include "fsm/model/source_cluster.h"
#include "k8s/text/json.h"

namespace annals::lens {

// Errc kInvalid where it is no object.
Result<fsm::VolumeSeen> read_volume(k8s::JsonReader& reader, std::string_view object);

}  // namespace annals::lens
