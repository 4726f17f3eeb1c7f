// The parameters of PostgreSQL 15 that can be set, by kind, each sorted by name in lower case. The
// table is made by script/parameters of what the server says in pg_settings.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace annals::spec {

// In which a number is counted when its text names no unit.
enum class Unit : std::uint8_t {
  kNone,
  kByte,
  kKilobyte,
  kBlock,  // 8 kB
  kMegabyte,
  kMillisecond,
  kSecond,
  kMinute,
};

struct NumberParameter {
  std::string_view name;
  bool is_real;
  double min;
  double max;
  Unit unit;
};

struct ChoiceParameter {
  std::string_view name;
  std::string_view values;  // separated by commas
};

const std::vector<NumberParameter>& number_parameters();
const std::vector<ChoiceParameter>& choice_parameters();
// Names only, with a space before and after each.
std::string_view switch_parameters();
std::string_view text_parameters();

}  // namespace annals::spec
