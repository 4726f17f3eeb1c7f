// Questions to PostgreSQL 13 and later about collations: which version of the library each was
// recorded with, and which indexes are ordered by one that has another version by now. The session
// has an empty search_path. Pure. Thread-safe: no state.
#pragma once

#include <cstddef>
#include <cstdint>

#include "postgres/sql/sql_set.h"

namespace annals::postgres {

// As server_version_num has it.
inline constexpr std::int64_t kPartitionedReindexSince = 140000;
inline constexpr std::int64_t kDatabaseCollationsSince = 150000;

// Rows: the name of each database that takes connections, the same as SQL writes it, the version of
// its own collation as recorded and as it is; NULL where it has none, or none is recorded.
Statement database_collations(std::int64_t server_version);

// Of the session's database. Rows: each collation that is recorded with another version than it has
// and that indexes use, its two versions, and how many there are; not more than `rows_max`.
Statement differing_collations(std::size_t rows_max);

// Likewise. Rows: each index that is ordered by one of these, or by the database's own if that
// differs; and how many there are. Where REINDEX takes a partitioned index, that stands for its
// partitions'.
Statement indexes_to_rebuild(bool database_differs, std::int64_t server_version,
                             std::size_t rows_max);

}  // namespace annals::postgres
