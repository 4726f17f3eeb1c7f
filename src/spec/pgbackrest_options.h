// Options of pgBackRest, looked at before they reach it. It ignores with a warning what it does not
// know, so that a misspelt retention removes nothing, and refuses its commands over a value that
// is none, so that nothing is archived any more.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace annals::spec {

struct PgBackRestOption;

struct FoundOption {
  const PgBackRestOption* option = nullptr;  // null: no version has it
  int index = 0;                             // of the repository, or server; 0: none was given
  bool lacks_index = false;                  // "repo-path"
};

// By its name in a file or, without dashes, on a command line; old names count.
FoundOption find_pgbackrest_option(std::string_view name);

// The known name that is most like it, with the same index; empty: none is like it.
std::string nearest_pgbackrest_option(std::string_view name);

// Whether that version has it: "2.45", "2.55.1". True where nobody knows.
bool may_have_option(std::string_view version, const PgBackRestOption& option);

// Whether `version` is older than `other`; false where one of them is none.
bool is_older_version(std::string_view version, std::string_view other);

// The remedy for a value that no version takes; nullopt for a good one.
std::optional<std::string> option_value_mistake(const PgBackRestOption& option,
                                                std::string_view value);

}  // namespace annals::spec
