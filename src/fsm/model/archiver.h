// What a primary says of its archiver, and what is remembered of it. A level. Without secrets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"

namespace annals::fsm {

// WAL that was not archived, as PostgreSQL and pgBackRest tell it.
struct ArchiveFailure {
  std::string segment{};     // "000000010000000000000004"
  Timestamp at{};            // of the last attempt
  std::int64_t count = 0;    // of attempts since PostgreSQL counts
  std::int64_t waiting = 0;  // segments that wait on the primary's volume
  std::int64_t code = 0;     // pgBackRest's; 0: not known
  std::string words{};       // pgBackRest's, redacted; empty: not known

  friend bool operator==(const ArchiveFailure&, const ArchiveFailure&) = default;
};

// Of ReadArchiver.
struct ArchiverAnswer {
  std::optional<ArchiveFailure> failure{};  // none: the last attempt archived its segment
  std::optional<Timestamp> archived_at{};   // of the last success
  std::int64_t count = 0;                   // of failed attempts since PostgreSQL counts
  std::string version{};  // of pgBackRest beside the primary: "2.45"; empty: not known

  friend bool operator==(const ArchiverAnswer&, const ArchiverAnswer&) = default;
};

// The last answer, and what it is not older than: as ReadArchiver has it.
struct ArchiverSeen {
  Timestamp at{};
  ArchiverAnswer its{};
  std::int64_t count_before = 0;     // of failed attempts, when all was archived last
  std::optional<Timestamp> since{};  // of the first look that found it failing
  std::string pod{};
  std::string trouble{};
  std::string request{};

  friend bool operator==(const ArchiverSeen&, const ArchiverSeen&) = default;
};

}  // namespace annals::fsm
