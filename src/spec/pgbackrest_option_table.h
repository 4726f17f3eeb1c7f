// The options of pgBackRest, sorted by name, as three of its versions have them. The table is made
// by script/pgbackrest-options of what pgBackRest itself says.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace annals::spec {

enum class OptionKind : std::uint8_t {
  kText,
  kFlag,    // y or n
  kPath,    // absolute
  kPairs,   // key=value
  kChoice,  // one of the words in `least`, with commas
  kNumber,
  kSize,        // "16MiB", or bytes
  kSizeChoice,  // one of the sizes in `least`, with commas
  kTime,        // "10s", "100ms", or seconds
};

// Where it has an effect.
enum class OptionPlace : std::uint8_t {
  kFile,         // anywhere in a file, and on the command line
  kStanza,       // in the section of a stanza, and on the command line
  kCommandLine,  // on the command line only
};

struct PgBackRestOption {
  std::string_view name;  // "repo#-path" for those of each repository, "pg#-path" of each server
  OptionKind kind;
  OptionPlace place;
  std::string_view least;  // as the kind has it: "0", "100ms", "16KiB"
  std::string_view most;
  unsigned versions;             // a bit for each of pgbackrest_versions() that has it
  bool of_backup;                // an option of `pgbackrest backup`
  bool is_refused_in_arguments;  // pgBackRest takes it from files alone: it may hold a secret
  std::string_view old_names;    // with commas
};

// The oldest first: "2.45".
const std::vector<std::string_view>& pgbackrest_versions();

const std::vector<PgBackRestOption>& pgbackrest_options();

}  // namespace annals::spec
