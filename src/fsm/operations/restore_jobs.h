// The Jobs of a restore or a clone: one at a time on the volumes of the instance, begun anew after
// a failure, and each told from one that was of another request.
#pragma once

#include <string>

#include "fsm/step/operation_table.h"

namespace annals::fsm::restore {

// Which of them, and all that it is told.
struct RestoreStep {
  std::string job;   // its name
  std::string hash;  // by which it is told from others of that name
  Guard guard;
  std::string (*manifest)(ClusterState& state);
};

RestoreStep archive_step(ClusterState& state);
RestoreStep restore_step(ClusterState& state);

// Its Job has ended well, and no pod of it is left that has not.
Wait step_complete(const OperationView& view, const RestoreStep& step);
// Gets nearer to that: removes what is left of others, begins it, and begins it anew.
Wait pursue_step(StepBuilder& builder, RestoreStep (*step_of)(ClusterState& state));

// What the restore Job says of itself, for the status.
void note_job(ClusterState& state);

// No pod of them can start any more.
Wait no_permit_left(const ClusterState& state);
Wait remove_all_permits(StepBuilder& builder);

// While no restore is in progress: what arrived late, or could not be removed before.
void remove_strays(StepBuilder& builder);

// Removes what there is of them; a wait while there is.
Wait no_job_left(const ClusterState& state);
Wait remove_all_jobs(StepBuilder& builder);

}  // namespace annals::fsm::restore
