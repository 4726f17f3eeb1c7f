// Which code decides and renders in this program. A version that somebody has to raise may be
// forgotten, and then every database would be restarted by an upgrade; this cannot be.
#pragma once

#include <string_view>

namespace annals::process {

/// SHA-256 of the sources of base, spec, manifests and fsm; made by the build (rules.cmake). Two
/// programs that say the same render the same from the same journal.
std::string_view rules();

}  // namespace annals::process
