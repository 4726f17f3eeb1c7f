// What options the command `pgbackrest restore` has, and which of them a restore of ours takes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace annals::spec {

enum class OptionForm : std::uint8_t {
  kFlag,    // --name and --no-name
  kNumber,  // from `least` to `most`
  kAmount,  // a number that may have a unit: 512KiB, 30s
  kLevel,   // of a log
  kNames,   // may be given several times
  kText,
};

struct RestoreOption {
  std::string_view name;  // without dashes
  OptionForm form = OptionForm::kText;
  std::string_view refusal = {};  // the remedy; empty: it is taken
  bool is_ours = false;           // it has a member of its own in RestoreOptions
  int least = 0;
  int most = 0;
};

// Null for one that is not in the table.
const RestoreOption* restore_option(std::string_view name);

// What to do about one that is not in it.
std::string unknown_option_remedy(std::string_view name);

// The remedy; empty where the value is right.
std::string mistake_in_value(const RestoreOption& option, std::string_view value);

}  // namespace annals::spec
