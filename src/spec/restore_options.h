// The options of `pgbackrest restore`, typed. Users quote them in every way that a shell takes, in
// one list item or several; what they mean is decided here and nowhere else, so that what is
// checked before a restore is what pgBackRest and PostgreSQL are told.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "spec/findings.h"

namespace annals::spec {

enum class TargetType : std::uint8_t { kDefault, kImmediate, kTime, kLsn, kName, kXid };

// "default", "immediate", "time", "lsn", "name", "xid".
const char* to_string(TargetType type);

// Where recovery ends. kDefault: at the end of the archive; kImmediate: as soon as the database is
// consistent. `text` is the target in the one form that pgBackRest and PostgreSQL both read:
// "2026-01-31 08:05:00+00", "0/5000028", a name, a transaction's number.
struct RestoreTarget {
  TargetType type = TargetType::kDefault;
  std::string text{};
  Timestamp time{};           // of kTime
  bool zone_assumed = false;  // of kTime: none was given, and it was taken as UTC
  std::uint64_t lsn = 0;      // of kLsn
  bool exclusive = false;     // ends before the target instead of with it

  friend bool operator==(const RestoreTarget&, const RestoreTarget&) = default;
};

inline constexpr const char* kLatest = "latest";
inline constexpr const char* kCurrent = "current";

struct RestoreOptions {
  RestoreTarget target{};
  std::string set{};       // a backup's label, or kLatest; empty: to be chosen
  std::string timeline{};  // kCurrent, kLatest or a decimal number; empty: to be chosen
  std::vector<std::string> db_include{};
  std::vector<std::string> db_exclude{};
  std::vector<std::string> others{};  // "--process-max=4": allowed, and without a say in what comes

  friend bool operator==(const RestoreOptions&, const RestoreOptions&) = default;
};

struct ReadRestoreOptions {
  RestoreOptions options;
  // Each with the list item, what it says and the remedy. None of the options counts if there are
  // any.
  std::vector<Mistake> mistakes;
};

// `path` is the list's place: "spec.backups.pgbackrest.restore.options".
ReadRestoreOptions read_restore_options(const std::vector<std::string>& items,
                                        const std::string& path);

// Each a whole word of a command line, to be quoted where a shell reads it: --type=, --target=,
// --target-exclusive, --set=, --target-timeline=, --db-include=, --db-exclude=, others. Not those
// that the operator decides: --stanza, --repo, --pg1-path, --delta, --target-action, --link-map.
// pgBackRest takes no --target-timeline with --type=immediate: who starts the server writes
// recovery_target_timeline then.
std::vector<std::string> arguments_of(const RestoreOptions& options);

}  // namespace annals::spec
