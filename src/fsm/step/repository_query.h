// What repositories hold, as pgBackRest tells; asked for when it is too old.
#pragma once

#include <cstdint>
#include <string>

#include "fsm/step/step_builder.h"

namespace annals::fsm {

// Asks for it in the name of this machine, unless it is being asked for. Where nobody can be asked
// nothing happens. With `every` it is asked again after so many seconds until there is something
// new: standing_look.h.
void ask_repository(StepBuilder& builder, const char* machine, const std::string& repo,
                    const Message& reason, std::int64_t every = 0);

// A look at it stands, and asks whom it should.
bool is_looked_at(ClusterState& state, const std::string& repo);
// That look stands no more.
void end_look_at(ClusterState& state, const std::string& repo);

// Why there is no answer yet: what the last question met, or that nobody can be asked. Empty while
// one is on its way.
Message obstacle_to_repository(ClusterState& state, const std::string& repo);

// When the last backup to it that is known was complete, "2026-01-02T00:00:00Z"; empty for none.
std::string newest_backup(const ClusterState& state, const std::string& repo);

// A person's request that repositories are read again: a value of the annotation pgbackrest-info.
std::string contents_request(ClusterState& state);

// As it was read last; null for never.
const RepositorySeen* repository_seen(const ClusterState& state, const std::string& repo);

}  // namespace annals::fsm
