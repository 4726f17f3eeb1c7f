#include "spec/parameters.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/concat.h"
#include "spec/fields.h"
#include "spec/parameter_table.h"
#include "spec/postgres_cluster.h"
#include "spec/text.h"

namespace annals::spec {
namespace {

constexpr int kVersionOfTheTable = 15;

// A unit of a text, and how many of the smallest it is.
struct Suffix {
  std::string_view text;
  double size;
};
constexpr std::array kSizes{Suffix{"B", 1.0}, Suffix{"kB", 1024.0}, Suffix{"MB", 1048576.0},
                            Suffix{"GB", 1073741824.0}, Suffix{"TB", 1099511627776.0}};
constexpr std::array kTimes{Suffix{"us", 0.001}, Suffix{"ms", 1.0},  Suffix{"s", 1e3},
                            Suffix{"min", 6e4},  Suffix{"h", 3.6e6}, Suffix{"d", 8.64e7}};

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) { return to_lower(c); });
  return result;
}

std::string_view without_space_around(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n\v\f\r";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// Of bytes or milliseconds, how many one unit is.
double size_of(Unit unit) {
  switch (unit) {
    case Unit::kKilobyte:
      return kSizes[1].size;
    case Unit::kBlock:
      return 8 * kSizes[1].size;
    case Unit::kMegabyte:
      return kSizes[2].size;
    case Unit::kSecond:
      return kTimes[2].size;
    case Unit::kMinute:
      return kTimes[3].size;
    case Unit::kNone:
    case Unit::kByte:
    case Unit::kMillisecond:
      break;
  }
  return 1;
}

bool is_time(Unit unit) { return unit >= Unit::kMillisecond; }

// How many of `unit` the suffix is; nullopt where it is none of those.
std::optional<double> factor_of(std::string_view suffix, Unit unit) {
  if (suffix.empty()) return 1;
  if (unit == Unit::kNone) return std::nullopt;
  const auto among = [&](const auto& suffixes) -> std::optional<double> {
    const auto found = std::ranges::find(suffixes, suffix, &Suffix::text);
    if (found == suffixes.end()) return std::nullopt;
    return found->size / size_of(unit);
  };
  return is_time(unit) ? among(kTimes) : among(kSizes);
}

// The number that a text begins with, also in hexadecimal; `rest` is what stands behind it.
std::optional<double> leading_number(std::string_view text, std::string_view& rest) {
  double sign = 1;
  if (text.starts_with('-') || text.starts_with('+')) {
    if (text.front() == '-') sign = -1;
    text.remove_prefix(1);
  }
  const bool is_hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  if (is_hexadecimal) text.remove_prefix(2);
  if (text.empty() || text.front() == '-') return std::nullopt;
  double value = 0;
  const auto format = is_hexadecimal ? std::chars_format::hex : std::chars_format::general;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, format);
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  rest = without_space_around(text.substr(static_cast<std::size_t>(end - text.data())));
  return sign * value;
}

bool is_within(const NumberParameter& parameter, std::string_view text) {
  std::string_view suffix;
  const std::optional<double> number = leading_number(without_space_around(text), suffix);
  if (!number) return false;
  const std::optional<double> factor = factor_of(suffix, parameter.unit);
  if (!factor) return false;
  const double value = parameter.is_real ? *number * *factor : std::rint(*number * *factor);
  return value >= parameter.min && value <= parameter.max;
}

std::string number_text(double number) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.begin(), text.end(), number);
  return {text.begin(), end};
}

std::string cure_of(const NumberParameter& parameter) {
  std::string remedy =
      concat("give a number from ", number_text(parameter.min), " to ", number_text(parameter.max));
  switch (parameter.unit) {
    case Unit::kNone:
      return remedy;
    case Unit::kByte:
      return remedy + " (bytes), or one with B, kB, MB, GB or TB";
    case Unit::kKilobyte:
      return remedy + " (kB), or one with B, kB, MB, GB or TB";
    case Unit::kBlock:
      return remedy + " (blocks of 8 kB), or one with B, kB, MB, GB or TB";
    case Unit::kMegabyte:
      return remedy + " (MB), or one with B, kB, MB, GB or TB";
    case Unit::kMillisecond:
      return remedy + " (milliseconds), or one with us, ms, s, min, h or d";
    case Unit::kSecond:
      return remedy + " (seconds), or one with us, ms, s, min, h or d";
    case Unit::kMinute:
      return remedy + " (minutes), or one with us, ms, s, min, h or d";
  }
  return remedy;
}

// As the server reads a switch: any beginning that is not two words' alike.
bool is_switch(std::string_view value) {
  const std::string text = lower(without_space_around(value));
  if (text.empty() || text == "o") return false;
  constexpr std::array<std::string_view, 8> kWords{"true", "false", "yes", "no",
                                                   "on",   "off",   "1",   "0"};
  return std::ranges::any_of(kWords, [&](std::string_view word) { return word.starts_with(text); });
}

// Also words that the server accepts and does not list: switches where "on" is a choice, and those
// of its past.
bool is_choice(const ChoiceParameter& parameter, std::string_view value) {
  const std::string text = lower(value);
  const std::string listed = concat(",", lower(parameter.values), ",");
  if (listed.contains(concat(",", text, ","))) return true;
  if (listed.contains(",on,") && is_switch(value)) return true;
  if (parameter.name == "wal_level") return text == "archive" || text == "hot_standby";
  return listed.contains(",debug1,") && text == "debug";
}

bool is_among(std::string_view names, std::string_view name) {
  return !name.contains(' ') && names.contains(concat(" ", name, " "));
}

template <class Parameter>
const Parameter* find(const std::vector<Parameter>& all, std::string_view name) {
  const auto found = std::ranges::lower_bound(all, name, {}, &Parameter::name);
  return found == all.end() || found->name != name ? nullptr : &*found;
}

void check_parameter(Fields& fields, const std::string& place, const std::string& name,
                     const std::string& value, int version) {
  const std::string path = concat(place, ".", name);
  if (const std::optional<std::string> remedy = parameter_mistake(name, value)) {
    fields.wrong(path, value, *remedy);
  } else if (version == kVersionOfTheTable && !name.contains('.') && !is_parameter(name)) {
    fields.wrong(path, value, "PostgreSQL 15 has no such parameter: correct its name or remove it");
  }
}

// Numbers and switches stand there as they are; null takes a parameter away.
std::optional<std::string> text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number() || value.is_boolean()) return value.dump();
  return std::nullopt;
}

}  // namespace

bool is_parameter(std::string_view name) {
  const std::string key = lower(name);
  return find(number_parameters(), key) != nullptr || find(choice_parameters(), key) != nullptr ||
         is_among(switch_parameters(), key) || is_among(text_parameters(), key) ||
         key == "log_connections" ||  // a switch up to PostgreSQL 17, and a list after it
         key == "ssl_groups";         // of PostgreSQL 18; has a rule of its own
}

std::optional<std::string> parameter_mistake(std::string_view name, std::string_view value) {
  const std::string key = lower(name);
  if (const NumberParameter* number = find(number_parameters(), key))
    return is_within(*number, value) ? std::nullopt : std::optional(cure_of(*number));
  if (const ChoiceParameter* choice = find(choice_parameters(), key)) {
    if (is_choice(*choice, value)) return std::nullopt;
    return concat("give one of ", choice->values);
  }
  if (is_among(switch_parameters(), key) && !is_switch(value)) return "give on or off";
  return std::nullopt;
}

void check_parameters(Fields& fields, const PostgresClusterSpec& spec) {
  if (!fields.is_reading()) return;
  for (const auto& [name, value] : spec.config.parameters) {
    if (!is_reserved_parameter(name))
      check_parameter(fields, "config.parameters", name, value, spec.postgres_version);
  }
  const Json configuration =
      Json::parse(spec.patroni.dynamic_configuration.json, nullptr, /*allow_exceptions=*/false);
  if (!configuration.is_object()) return;
  const Json parameters =
      configuration.value(Json::json_pointer("/postgresql/parameters"), Json::object());
  if (!parameters.is_object()) return;
  for (const auto& [name, value] : parameters.items()) {
    if (const std::optional<std::string> text = text_of(value)) {
      check_parameter(fields, "patroni.dynamicConfiguration.postgresql.parameters", name, *text,
                      spec.postgres_version);
    }
  }
}

}  // namespace annals::spec
