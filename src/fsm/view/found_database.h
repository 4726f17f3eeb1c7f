// A database that was on a volume before its cluster had any instance, and that nobody has asked
// for: a PersistentVolume that somebody made available was bound to a claim by its size and class
// alone. PostgreSQL goes on with it, as with PGO, whosever it is.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "fsm/model/state.h"

namespace annals::fsm {

struct FoundDatabase {
  Timestamp made;
  Timestamp begun_at;  // of the cluster, when it had no instance yet
};

// When initdb was run, by the identifier that it chose: its upper half is the second.
std::optional<Timestamp> time_of_initdb(const std::string& system_identifier);

// By Patroni's state once an instance has led; none where that is not known.
std::optional<FoundDatabase> found_database(const ClusterState& state);

Message described(const FoundDatabase& found);

}  // namespace annals::fsm
