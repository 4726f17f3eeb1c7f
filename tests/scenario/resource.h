// The custom resource as a person writes and changes it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "manifests/json.h"

namespace annals::scenario {

// A file of YAML as JSON. kNotFound or kInvalid, with a remedy.
Result<manifests::Json> read_yaml(const std::string& path);

// Sets "spec.instances[0].replicas" to a value that is JSON, or else text; null takes the field
// out. What is missing on the way is made. kInvalid where the way leads through something else.
Result<manifests::Json> patched(manifests::Json resource, std::string_view path,
                                std::string_view value);

// Its annotation of that name; without a '/' it is one of ours.
manifests::Json annotated(manifests::Json resource, const std::string& name,
                          const std::string& value);

}  // namespace annals::scenario
