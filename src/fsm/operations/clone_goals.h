// What the goals of the process `clone` share; its table is in clone.cc.
#pragma once

#include <string>
#include <vector>

#include "fsm/step/operation_table.h"
#include "fsm/view/restore_request.h"

namespace annals::fsm::clone {

void decide(StepBuilder& builder, const char* transition, Message reason,
            std::vector<Action> actions = {});

Wait wait_out(const RestoreRefusal& refusal);
// Told once, and again when it is another one.
void note_refusal(StepBuilder& builder, const RestoreRefusal& refusal);

bool is_chosen(const ClusterState& state);

// What the source holds, and which backup of it is restored: clone_choice.cc.
Wait backup_chosen(const OperationView& view);
Wait choose_backup(StepBuilder& builder, const OperationView& view);

// Volumes of a deleted cluster: clone_deleted.cc.
Wait deleted_volumes_taken_up(const OperationView& view);
Wait take_up_deleted_volumes(StepBuilder& builder, const OperationView& view);

// Volumes that were there before: clone_volumes.cc.
Wait volumes_found(const OperationView& view);
Wait find_volumes(StepBuilder& builder, const OperationView& view);
Wait repository_moved(const OperationView& view);
Wait move_repository(StepBuilder& builder, const OperationView& view);
// Its host may start.
Message note_repository(ClusterState& state);
bool is_repository_noted(const ClusterState& state);
Wait data_in_place(const OperationView& view);
Wait move_data(StepBuilder& builder, const OperationView& view);
// What the Job has found on the volume.
bool is_volume_empty(const ClusterState& state);

}  // namespace annals::fsm::clone
