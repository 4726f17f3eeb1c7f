// What a drill has in Kubernetes: a volume claim, a Job, and the Job's pod. For drill.cc.
#pragma once

#include <string>
#include <vector>

#include "fsm/step/operation_table.h"

namespace annals::fsm::drill {

inline constexpr const char* kMachine = "restore-drill";

void decide(StepBuilder& builder, const char* transition, Message reason,
            std::vector<Action> actions = {});
// Who asks for it.
Message described(ClusterState& state);

// Its Job has been asked for.
bool is_begun(const ClusterState& state);
// Nothing of another drill is left.
Wait room_made(const OperationView& view);
Wait make_room(StepBuilder& builder, const OperationView& view);
Wait job_begun(const OperationView& view);
Wait begin_job(StepBuilder& builder, const OperationView& view);
// It may have ended by now.
bool has_pod_started(const ClusterState& state);
Wait pod_started(const OperationView& view);
Wait job_ended(const OperationView& view);
Message job_failed(const OperationView& view);

// Of condition and Event: "DamageFound".
std::string reason_of_failure(const ClusterState& state);
// What the Job that ended well has told.
VerifiedBackup verified_by_job(const ClusterState& state);
// What the Job says of itself, for the status.
void note_job(ClusterState& state);

// Of what no drill needs: the Job first, and when its pod is gone the volume.
void remove_leftovers(StepBuilder& builder);

}  // namespace annals::fsm::drill
