// WAL that PostgreSQL takes for archived and a repository lacks, though nothing later is there yet:
// pgBackRest has dropped it (archive-push-queue-max) and reported success. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "fsm/model/repository_contents.h"

namespace annals::lens {

// What a primary says of its archiver.
struct TakenForArchived {
  std::string name{};       // of the last file: a segment's, or another one's; empty: none yet
  std::string system_id{};  // PostgreSQL's system identifier, decimal
  std::uint64_t segment_bytes = 0;
};

// Adds to `contents` the gap from its last segment on, where a recovery from its newest backup
// would come to it. The repository has to be looked into after the server has said that: pgBackRest
// has told it of success for all repositories together, so what came to one of them is there by
// then.
void add_dropped_wal(const TakenForArchived& taken, fsm::RepositoryContents& contents);

}  // namespace annals::lens
