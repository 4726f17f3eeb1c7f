// Goals of a promotion that come before Patroni is told: the cluster that is followed is known not
// to write, or somebody has taken the risk, and all is replayed that can be had.
#pragma once

#include "fsm/step/operation_table.h"

namespace annals::fsm::promotion {

Wait source_stopped(const OperationView& view);
Wait ask_for_source(StepBuilder& builder, const OperationView& view);

// What the receipt names; without one all that was received.
Wait receipt_replayed(const OperationView& view);
Wait watch_receipt(StepBuilder& builder, const OperationView& view);
Wait wal_replayed(const OperationView& view);
Wait watch_replay(StepBuilder& builder, const OperationView& view);

// The answer that the promotion goes by is of this moment; else it is asked for.
bool is_answer_fresh(StepBuilder& builder);

// By which right it goes on, for its decision and for people.
std::vector<Predicate> grounds(ClusterState& state);
void tell_of_ground(StepBuilder& builder);

}  // namespace annals::fsm::promotion
