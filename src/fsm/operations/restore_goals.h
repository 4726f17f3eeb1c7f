// The goals of the operation `restore`, in their order, as its table (restore.cc) has them. Up to
// point_archived the running cluster is as it was; what comes after the first stop is in
// restore_data.cc.
#pragma once

#include "fsm/step/operation_table.h"
#include "fsm/view/restore_request.h"
#include "manifests/labels.h"

namespace annals::fsm::restore {

inline constexpr const char* kMachine = "restore";
inline constexpr const char* kAnnotation = manifests::annotation::kPgBackRestRestore;
inline constexpr const char* kWithoutArchive = manifests::annotation::kRestoreWithoutArchive;

// The one that goes on.
RestoreProgress& progress_of(ClusterState& state);

// "requested by the annotation pgbackrest-restore=monday, written by kubectl"
Message described(const RestoreProgress& restore);

// What is restored from where, and what was assumed.
Message described_plan(const RestoreProgress& restore);

// "time 2026-01-31 08:05:00+00", or the end of the archive.
Message end_of(const RestorePlan& plan);

// What a restore overwrites, and where that is kept.
Guard guard_of(const ClusterState& state);

// Another request than the one that was taken up takes its place, whatever became of that.
void take_up(ClusterState& state, const RestoreRequest& request);

// What is asked for is what was taken up.
bool is_of(ClusterState& state, const RestoreRequest& request);

// Who has written that this very restore goes on without its last WAL; empty: nobody.
std::string allowed_without_archive(ClusterState& state);

// Nothing is left to be kept, or somebody does without.
bool keeps_nothing(ClusterState& state);

Wait request_valid(const OperationView& view);
Wait replace_request(StepBuilder& builder, const OperationView& view);
Message request_refused(const OperationView& view);

Wait repository_read(const OperationView& view);
Wait read_repository(StepBuilder& builder, const OperationView& view);

Wait target_in_reach(const OperationView& view);
Wait choose_backup(StepBuilder& builder, const OperationView& view);
Message target_refused(const OperationView& view);

Wait volume_has_room(const OperationView& view);
Message room_refused(const OperationView& view);

// Why it cannot be done as it is asked for; empty while it can.
RestoreRefusal refusal_of(const OperationView& view);

Wait schedules_suspended(const OperationView& view);
Wait backups_ended(const OperationView& view);

Wait point_made(const OperationView& view);
Wait make_point(StepBuilder& builder, const OperationView& view);

Wait point_archived(const OperationView& view);
Wait ask_whether_archived(StepBuilder& builder, const OperationView& view);
bool is_stop_begun(const ClusterState& state);
Message begin_stop(ClusterState& state);

Wait replicas_stopped(const OperationView& view);
Wait stop_replicas(StepBuilder& builder, const OperationView& view);
Wait primary_stopped(const OperationView& view);
Wait stop_primary(StepBuilder& builder, const OperationView& view);

Wait wal_archived(const OperationView& view);
Wait archive_wal(StepBuilder& builder, const OperationView& view);
bool is_restore_begun(const ClusterState& state);
Message begin_restore(ClusterState& state);

Wait data_restored(const OperationView& view);
Wait restore_data(StepBuilder& builder, const OperationView& view);
bool is_data_restored(const ClusterState& state);
Message note_restored(ClusterState& state);

Wait permit_removed(const OperationView& view);
Wait remove_permit(StepBuilder& builder, const OperationView& view);

Wait store_removed(const OperationView& view);
Wait remove_stores(StepBuilder& builder, const OperationView& view);
bool is_start_begun(const ClusterState& state);
Message begin_start(ClusterState& state);

Wait primary_started(const OperationView& view);
Wait start_primary(StepBuilder& builder, const OperationView& view);
bool is_led(const ClusterState& state);
Message note_leader(ClusterState& state);

Wait replicas_started(const OperationView& view);
Wait start_replicas(StepBuilder& builder, const OperationView& view);

Wait jobs_removed(const OperationView& view);
Wait remove_jobs(StepBuilder& builder, const OperationView& view);

}  // namespace annals::fsm::restore
