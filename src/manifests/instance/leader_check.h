// What a member asks before it becomes the primary: whether the other cluster, which spec.standby
// names, leads by now. Patroni runs it as pre_promote: it holds the lock then and takes no writes
// yet; where the command fails it gives the lock back, and tries again when its lease is over.
#pragma once

#include <string>

#include "spec/standby.h"

namespace annals::manifests {

// A command in one line, as Patroni splits it. It fails where a server answers that is of the same
// database, takes writes, and is on a later timeline than the volume; and says so on stderr, which
// is the log of the container. All else lets the member lead: a site must not stand still because
// the other one is gone. `other` has a host.
std::string leader_check(const spec::Standby& other);

}  // namespace annals::manifests
