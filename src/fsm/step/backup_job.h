// A Job that has to end well, of a stanza or of a first backup: it is started, followed, and tried
// again after a pause when it has failed, each time by another name.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fsm/step/step_builder.h"
#include "fsm/view/wait.h"
#include "manifests/pgbackrest/backup_jobs.h"

namespace annals::fsm {

struct BackupJobKind {
  manifests::BackupPurpose purpose;
  const char* what;   // for people
  const char* infix;  // of the Job's name
  const char* event;  // that tells of one that failed
};

// Where its attempts are counted, in the state.
struct BackupAttempts {
  int& attempt;
  std::optional<Timestamp>& retry_at;
  std::optional<FailedAttempt>& last_failure;
};

struct BackupTask {
  const BackupJobKind& kind;
  const char* machine;
  std::string repo;
  std::string subject;  // from which the name of its Job is made, beside the attempt
  BackupAttempts its;
  std::vector<std::string> options{};  // of a backup: pgBackRest's
};

ObjectRef ref_of(const ClusterState& state, const BackupTask& task);

// The Job of the present attempt; null while there is none.
const ObjectObserved* job_of(const ClusterState& state, const BackupTask& task);
// It is there, or asked for.
bool is_job_begun(const ClusterState& state, const BackupTask& task);
bool is_job_complete(const ClusterState& state, const BackupTask& task);

// Starts it, unless that is under way.
void start_job(StepBuilder& builder, const BackupTask& task);

// Tells of a Job that has failed, and makes room for the next attempt when its time has come.
void follow_job(StepBuilder& builder, const BackupTask& task);

// What is waited for: the Job to complete; the trouble that it has comes with it.
Wait wait_for_job(ClusterState& state, const BackupTask& task);

// It has had no pod for too long.
bool is_without_pod(ClusterState& state, const BackupTask& task);

// Forgets the attempts.
void reset(const BackupAttempts& its);

}  // namespace annals::fsm
