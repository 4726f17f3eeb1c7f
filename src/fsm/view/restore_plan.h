// How a restore that is asked for can be done: which backup set, along which timeline; or why it
// cannot, with the remedy and the times that can be restored. Decided while the database runs, from
// what its repository holds. Pure: the time is that of the record that the step is for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "fsm/model/repository_contents.h"
#include "fsm/model/restore_plan.h"
#include "fsm/view/backup_sets.h"
#include "fsm/view/restore_request.h"

namespace annals::fsm {

struct PlannedRestore {
  RestorePlan plan{};
  RestoreRefusal refusal{};      // where it is not empty the plan says nothing
  std::vector<Message> notes{};  // what was assumed: that a time without a zone is UTC
};

PlannedRestore plan_restore(const std::string& repo, const spec::RestoreOptions& options,
                            const RepositoryContents& contents, const RestorableDatabase& database,
                            Timestamp now);

// Replays the timeline that was left to its end.
PlannedRestore plan_undo(const LeftTimeline& left, const RepositoryContents& contents,
                         const RestorableDatabase& database);

// Once a restore point has been made on the running primary: its end of the WAL is known then.
// `timeline` and `lsn` are of that point.
RestoreRefusal beyond_restore_point(const RestorePlan& plan, std::int64_t timeline,
                                    std::uint64_t lsn);

// Whether a volume of `capacity` (Kubernetes' quantity; empty: not known) holds the set. `claim` is
// named in the message.
RestoreRefusal no_room(const RestorePlan& plan, const std::string& capacity,
                       const std::string& claim);

}  // namespace annals::fsm
