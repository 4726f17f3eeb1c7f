// How large a repository is and how fast it grows, by what was read of it.
#pragma once

#include <cstdint>

#include "fsm/model/repository_contents.h"

namespace annals::fsm {

// What its backups take in it, in bytes; of WAL only names are known.
std::uint64_t stored_size(const RepositoryContents& contents);

// Bytes that backups and WAL have added a day: backups in the week before the last one, WAL since
// the folder of the last one began. 0: too little is known.
std::uint64_t growth_per_day(const RepositoryContents& contents);

// The last WAL that is known to be there; null for none.
const ArchivedWal* last_archive(const RepositoryContents& contents);

}  // namespace annals::fsm
