// What an action answers: the object as it is after the write, or why there was none.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "fsm/model/archiver.h"
#include "fsm/model/collations.h"
#include "fsm/model/object_fields.h"
#include "fsm/model/repository_contents.h"
#include "fsm/model/restore.h"
#include "fsm/model/standby_answer.h"
#include "k8s/api_error.h"

namespace annals::actions {

struct ActionResult {
  std::string uid;
  std::uint64_t version = 0;  // resourceVersion, where it is a number
  std::string digest;         // of what we own in it
  fsm::ObjectFields fields{};
  std::map<std::string, std::string> members{};  // of Patroni, where it was asked; fsm::Outcome
  // The same of a repository, of a restore point, of the archive, and of another cluster.
  std::optional<fsm::RepositoryContents> contents{};
  std::optional<fsm::RestorePoint> restore_point{};
  std::optional<fsm::ArchiveSeen> archive{};
  std::optional<fsm::SourceCluster> source{};
  std::map<std::string, fsm::VolumeSeen> volumes{};
  std::optional<fsm::DifferingCollations> collations{};
  std::optional<fsm::ArchiverAnswer> archiver{};
  std::optional<fsm::StandbyAnswer> standby{};
};

template <class T>
using Answer = k8s::Answer<T>;

// Of an object as the API server has it, which is its answer to a write. Unreadable: nobody knows
// what was written.
Answer<ActionResult> result_of(const std::string& object);

// A failure of PostgreSQL or Patroni in Kubernetes' terms: kTimeout means that nobody knows whether
// it happened, all else that it did not.
Answer<ActionResult> to_action_error(const Error& error);

}  // namespace annals::actions
