// What people should know of the repositories: one sentence for each that it is true of, nothing
// where all is well.
#pragma once

#include <optional>
#include <vector>

#include "fsm/model/state.h"
#include "fsm/step/restore_conditions.h"

namespace annals::fsm {

// That cannot be read.
std::vector<Message> unreadable_repositories(ClusterState& state);
// From which nothing is ever removed.
std::vector<Message> repositories_without_retention(ClusterState& state);
// With backups that have damaged pages.
std::vector<Message> faulty_backups(ClusterState& state);
// Whose archive lacks WAL behind the newest backup.
std::vector<Message> repositories_without_wal(ClusterState& state);
Message lack_of_wal(const std::string& repo, const WalGap& gap);

// Of the last request to remove a backup, once it has a result.
std::optional<RestoreVerdict> backup_removed(const ClusterState& state);
}  // namespace annals::fsm
