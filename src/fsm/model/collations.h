// What was found of the collations of a database server: where the version that is recorded for one
// is another than that of the library which compares texts now. Names are as SQL writes them.
// Bounded, and without secrets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"

namespace annals::fsm {

// So many databases, collations of each and indexes of each are named; the rest is counted.
inline constexpr std::size_t kCollationNamesMax = 20;

struct DifferingCollation {
  std::string name;  // "public.german"
  std::string recorded;
  std::string actual;

  friend bool operator==(const DifferingCollation&, const DifferingCollation&) = default;
};

struct DifferingDatabase {
  std::string name;
  std::string recorded{};  // version of its own collation; empty: it does not differ
  std::string actual{};
  std::vector<DifferingCollation> collations{};  // others, that indexes use
  std::int64_t collation_count = 0;
  std::vector<std::string> indexes{};  // that use any of them; a partitioned one stands for its own
  std::int64_t index_count = 0;

  friend bool operator==(const DifferingDatabase&, const DifferingDatabase&) = default;
};

struct DifferingCollations {
  std::vector<DifferingDatabase> databases{};  // by name; those without a difference are left out
  std::int64_t database_count = 0;
  std::map<std::string, std::string> unseen{};  // databases that could not be looked into, and why

  friend bool operator==(const DifferingCollations&, const DifferingCollations&) = default;
};

// The last answer, and what it is not older than: as ReadCollations has it.
struct CollationsSeen {
  Timestamp at;
  DifferingCollations found;
  std::string pod{};
  std::string sql{};
  std::string request{};

  friend bool operator==(const CollationsSeen&, const CollationsSeen&) = default;
};

}  // namespace annals::fsm
