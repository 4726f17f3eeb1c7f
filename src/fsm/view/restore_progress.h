// How far a restore is, as others have to know it.
#pragma once

#include <array>
#include <map>
#include <string>

#include "fsm/model/state.h"

namespace annals::fsm {

// It has begun and neither ended nor been given up.
bool is_unfinished(const RestoreProgress& restore);

// It goes on, and makes a new cluster.
bool is_cloning(const RestoreProgress& restore);

// The volumes that were there before the cluster, as CloneOrigin has them.
const std::map<std::string, AdoptedVolume>& adopted_volumes(const RestoreProgress& restore);

// A data directory is being written, or may be half written: no instance may start on it.
bool is_data_touched(const ClusterState& state);

// Instances are stopped for a restore, or come up after it: nothing else stops, starts or backs up.
bool is_restoring(const ClusterState& state);

// One in place goes on, or begins as soon as nothing holds it up: its backup is chosen. From then
// on no backup begins, by whomever it is asked for.
bool holds_up_backups(const ClusterState& state);

// Of those that write on volumes before an instance starts, whether they are there or not.
std::array<std::string, 4> restore_job_names(const ClusterState& state);

// Directories of the repository's volume are being moved: its host does not start yet.
bool is_repository_moving(const ClusterState& state);

// Whether the instance may have a pod, as far as a restore is concerned: not while a Job of one is
// at its volume, nor before what is restored comes up.
bool may_run(const ClusterState& state, const std::string& instance);

// The database lies where Patroni's bootstrap takes it from, and nobody leads it yet.
bool is_to_be_bootstrapped(const ClusterState& state);

// Of the restore point that is made for the one that goes on: "annals-restore-1a2b3c4d5e6f".
std::string restore_point_name(const ClusterState& state);

}  // namespace annals::fsm
