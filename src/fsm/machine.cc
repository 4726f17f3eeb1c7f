#include "fsm/machine.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "fsm/machines/archiving.h"
#include "fsm/machines/backup.h"
#include "fsm/machines/ca_refresh.h"
#include "fsm/machines/collations.h"
#include "fsm/machines/deletion.h"
#include "fsm/machines/desired_set.h"
#include "fsm/machines/expire_backup.h"
#include "fsm/machines/expired_volumes.h"
#include "fsm/machines/found_database.h"
#include "fsm/machines/init_sql.h"
#include "fsm/machines/instances.h"
#include "fsm/machines/kept_namesake.h"
#include "fsm/machines/manual_backup.h"
#include "fsm/machines/other_cluster.h"
#include "fsm/machines/patroni_config.h"
#include "fsm/machines/patroni_state.h"
#include "fsm/machines/provision.h"
#include "fsm/machines/prune.h"
#include "fsm/machines/renewal.h"
#include "fsm/machines/repository_contents.h"
#include "fsm/machines/retired.h"
#include "fsm/machines/shared_places.h"
#include "fsm/machines/stale_receipts.h"
#include "fsm/machines/stalled_replicas.h"
#include "fsm/machines/standby.h"
#include "fsm/machines/standby_look.h"
#include "fsm/machines/stanzas.h"
#include "fsm/machines/status.h"
#include "fsm/machines/valid_spec.h"
#include "fsm/machines/volumes.h"
#include "fsm/machines/wal_backup.h"
#include "fsm/operations/clone.h"
#include "fsm/operations/drill.h"
#include "fsm/operations/move_leader.h"
#include "fsm/operations/operations.h"
#include "fsm/operations/restore.h"
#include "fsm/step/absorb.h"
#include "fsm/step/engine.h"
#include "fsm/step/events.h"
#include "fsm/step/job_trouble.h"
#include "fsm/step/step_builder.h"
#include "fsm/step/waits.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/rendering.h"
#include "fsm/view/restore_progress.h"

namespace annals::fsm {

namespace {

constexpr std::array kProcesses{&kClone,        &kProvision, &kUsers,    &kBackup, &kManualBackup,
                                &kExpireBackup, &kInstances, &kDeletion, &kDrill};

// A person works on the cluster by hand, and wants to be left alone.
bool is_paused(ClusterState& state) { return rendered(state).cluster.spec.paused; }

// A retry that nobody takes up when its time has come is owed no more: the write whose answer was
// lost has happened all the same, or something else is asked for by now.
void forget_settled_retries(ClusterState& state) {
  std::erase_if(state.retries, [&](const auto& entry) {
    const auto& [target, retry] = entry;
    return retry.due <= state.now && !is_pending(state, target);
  });
}

void decide_all(StepBuilder& builder) {
  note_patroni_store(builder.state());
  meet_backup_request(builder);
  meet_removal_request(builder.state());
  meet_restore_request(builder.state());
  if (builder.state().spec->deleting) {
    end_operation(builder);
    decide_process(builder, kDeletion);
  } else if (accept_spec(builder) && !is_paused(builder.state()) && !hold_backup_removal(builder) &&
             !hold_for_kept_volumes(builder)) {
    decide_data_source(builder);
    decide_finalizer(builder);
    decide_patroni_state(builder);
    decide_found_database(builder);
    decide_standby(builder);
    decide_desired_set(builder);
    decide_shared_places(builder);
    const std::shared_ptr<const Rendered> before = builder.state().rendered.share();
    if (!rendered(builder.state()).cluster.spec.shutdown) {
      decide_process(builder, kClone);
      decide_process(builder, kProvision);
      decide_process(builder, kUsers);
      decide_init_sql(builder);
      decide_collations(builder);
      decide_patroni_config(builder);
      if (!is_restoring(builder.state())) {
        decide_stanzas(builder);
        decide_backup(builder);
        decide_wal_backup(builder);
      }
      decide_archiving(builder);
    }
    decide_standby_look(builder);
    decide_other_cluster(builder);
    decide_manual_backup(builder);
    decide_expire_backup(builder);
    decide_repository_contents(builder);
    decide_drill(builder);
    decide_volumes(builder);
    settle_leader_move(builder.state());
    decide_stalled_replicas(builder);
    decide_operations(builder);
    decide_stale_receipts(builder);
    if (!rendered(builder.state()).cluster.spec.shutdown) decide_process(builder, kInstances);
    decide_retired(builder);
    // What an operation has decided may ask for other objects, and no event may come by itself.
    if (&rendered(builder.state()) != before.get()) decide_desired_set(builder);
    decide_pruning(builder);
    decide_ca_refresh(builder);
    decide_renewal(builder);
  }
  end_other_waits(builder);
  flush_event_outbox(builder);
  decide_status(builder);
  forget_settled_retries(builder.state());
  forget_jobs_with_pods(builder.state());
}

// Volumes may outlive the cluster, and with them what is known of it.
void decide_after_its_end(StepBuilder& builder) {
  decide_expired_volumes(builder);
  forget_settled_retries(builder.state());
}

}  // namespace

ClusterState initial_state(ClusterUid uid) {
  ClusterState state;
  state.uid = std::move(uid);
  return state;
}

std::span<const OperationKind* const> processes() { return kProcesses; }

void advance(Step& made, const Event& event, Renderings* renderings) {
  made.decisions.clear();
  made.intents.clear();
  made.waits_ended.clear();
  made.state.rendered.use(renderings);
  absorb(made.state, event);
  StepBuilder builder(made);
  // Until all is listed, absence means nothing (I9).
  const ClusterState& known = made.state;
  if (known.synced && known.config) {
    if (known.spec && !known.gone)
      decide_all(builder);
    else
      decide_after_its_end(builder);
  }
  made.state.rendered.use(nullptr);
}

Step step(ClusterState state, const Event& event, Renderings* renderings) {
  Step made{.state = std::move(state), .decisions = {}, .intents = {}, .waits_ended = {}};
  advance(made, event, renderings);
  return made;
}

}  // namespace annals::fsm
