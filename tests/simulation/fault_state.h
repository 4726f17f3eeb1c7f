// FaultState: what is wrong with the world just now. Faults set it, healing clears it; the parts of
// the world look at it before they do something.
#pragma once

#include <string>

#include "base/clock.h"

namespace annals::simulation {

struct FaultState {
  // Kubernetes
  bool api_down = false;       // no request gets through
  bool api_slow = false;       // answers take seconds
  bool quota = false;          // nothing new may be created
  bool unschedulable = false;  // pods find no node
  bool no_image = false;       // images cannot be pulled
  bool watches_stall = false;  // streams are silent, without an error
  bool webhook = false;        // a mutating webhook adds to what is written
  // PostgreSQL and Patroni
  bool no_leader = false;      // no member gets the leader's lock
  bool two_leaders = false;    // a second member believes that it leads
  bool database_down = false;  // connections are refused
  bool jobs_fail = false;      // backups end with an error
  // The operator's disk
  bool disk_slow = false;

  friend bool operator==(const FaultState&, const FaultState&) = default;
};

}  // namespace annals::simulation
