// what-if: which decisions a change makes different: of a cluster's spec, or of the operator's
// configuration, from a point of its history on. The recorded history is run twice, as it was and
// with the change. What the world would have answered to writes that never happened is not known:
// a write that was recorded has its recorded outcome, any other is taken to have succeeded.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "names.h"
#include "selection.h"
#include "terminal.h"

namespace annals::replay {

// {"at": 120, "cluster": "ns/hippo", "spec": {...}, "configuration": {"images": {...}}}
// `at` is a record or a time; `spec` is a merge patch (RFC 7386) of the resource's spec;
// `configuration` replaces the members it names: version, images, behaviour.
struct Patch {
  Point at;
  std::string cluster;
  std::string spec;                           // JSON, empty for none
  std::map<std::string, std::string> images;  // merged into those of the operator
  std::optional<std::string> version;
  bool changes_configuration = false;
};

// kInvalid names the member, its value and the remedy.
Result<Patch> parse_patch(const std::string& file, const std::string& text);
Result<Patch> read_patch(const std::string& file);

// True when some decision differs.
Result<bool> what_if(const journal::Reader& reader, const Selection& selection,
                     const ClusterUid& cluster, const Patch& patch, const Out& out);

}  // namespace annals::replay
