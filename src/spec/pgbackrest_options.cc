#include "spec/pgbackrest_options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/concat.h"
#include "spec/pgbackrest_option_table.h"
#include "spec/text.h"

namespace annals::spec {
namespace {

constexpr std::array<std::string_view, 2> kGroups{"repo", "pg"};
constexpr int kIndexMax = 256;  // pgBackRest's own

// "a,b,c"
template <class Use>
void each_in_list(std::string_view list, Use use) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    use(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

bool is_in_list(std::string_view list, std::string_view word) {
  bool found = false;
  each_in_list(list, [&](std::string_view each) { found = found || each == word; });
  return found;
}

// "repo1-path" in pieces; without an index `rest` is all of it.
struct NamePieces {
  std::string_view group{};
  int index = 0;
  std::string_view rest{};
};

NamePieces pieces_of(std::string_view name) {
  for (const std::string_view group : kGroups) {
    if (!name.starts_with(group)) continue;
    const std::string_view behind = name.substr(group.size());
    int index = 0;
    const auto [end, error] = std::from_chars(behind.data(), behind.data() + behind.size(), index);
    const auto digits = static_cast<std::size_t>(end - behind.data());
    if (error != std::errc() || index < 1 || index > kIndexMax) continue;
    if (digits < behind.size() && behind[digits] == '-')
      return {.group = group, .index = index, .rest = behind.substr(digits)};
  }
  return {.rest = name};
}

const PgBackRestOption* option_named(std::string_view name) {
  const auto& all = pgbackrest_options();
  const auto found = std::ranges::find(all, name, &PgBackRestOption::name);
  return found == all.end() ? nullptr : &*found;
}

const PgBackRestOption* option_once_named(std::string_view name) {
  const auto& all = pgbackrest_options();
  const auto found = std::ranges::find_if(
      all, [name](const PgBackRestOption& each) { return is_in_list(each.old_names, name); });
  return found == all.end() ? nullptr : &*found;
}

// How many letters have to be added, removed or changed.
std::size_t distance_between(std::string_view one, std::string_view other) {
  std::vector<std::size_t> row(other.size() + 1);
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = i;
  for (std::size_t i = 0; i < one.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < other.size(); ++j) {
      const std::size_t changed = diagonal + (one[i] == other[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, changed});
    }
  }
  return row.back();
}

struct OptionUnit {
  std::string_view text;  // in lower case
  double size;
};
constexpr std::array kSizeUnits{
    OptionUnit{"b", 1},        OptionUnit{"k", 0x1p10}, OptionUnit{"kb", 0x1p10},
    OptionUnit{"kib", 0x1p10}, OptionUnit{"m", 0x1p20}, OptionUnit{"mb", 0x1p20},
    OptionUnit{"mib", 0x1p20}, OptionUnit{"g", 0x1p30}, OptionUnit{"gb", 0x1p30},
    OptionUnit{"gib", 0x1p30}, OptionUnit{"t", 0x1p40}, OptionUnit{"tb", 0x1p40},
    OptionUnit{"tib", 0x1p40}, OptionUnit{"p", 0x1p50}, OptionUnit{"pb", 0x1p50},
    OptionUnit{"pib", 0x1p50},
};
constexpr std::array kTimeUnits{OptionUnit{"ms", 0.001}, OptionUnit{"s", 1},
                                OptionUnit{"m", 60},     OptionUnit{"h", 3600},
                                OptionUnit{"d", 86400},  OptionUnit{"w", 604800}};

// A number with or without a unit, in any case; without one it counts as one of the smallest, or in
// seconds. Older versions take fractions of seconds.
template <std::size_t N>
std::optional<double> amount_of(std::string_view text, const std::array<OptionUnit, N>& units,
                                bool takes_fractions) {
  const std::size_t digits =
      std::min(text.find_first_not_of(takes_fractions ? "0123456789." : "0123456789"), text.size());
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + digits, number, std::chars_format::fixed);
  if (digits == 0 || error != std::errc() || end != text.data() + digits) return std::nullopt;
  std::string unit(text.substr(digits));
  std::ranges::transform(unit, unit.begin(), [](char c) { return to_lower(c); });
  if (unit.empty()) return number;
  const auto found = std::ranges::find(units, unit, &OptionUnit::text);
  if (found == units.end()) return std::nullopt;
  return number * found->size;
}

std::optional<double> size_of_text(std::string_view text) {
  return amount_of(text, kSizeUnits, false);
}
std::optional<double> time_of_text(std::string_view text) {
  return amount_of(text, kTimeUnits, true);
}

std::optional<double> whole_of_text(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return static_cast<double>(number);
}

std::optional<std::string> mistake_in_range(const PgBackRestOption& option, std::string_view value,
                                            std::optional<double> (*read)(std::string_view)) {
  const std::optional<double> number = read(value);
  if (number && *number >= *read(option.least) && *number <= *read(option.most))
    return std::nullopt;
  return concat("give ", option.kind == OptionKind::kNumber ? "a whole number" : "one", " from ",
                option.least, " to ", option.most);
}

bool is_size_among(std::string_view list, std::string_view value) {
  const std::optional<double> size = size_of_text(value);
  bool found = false;
  each_in_list(
      list, [&](std::string_view each) { found = found || (size && size == size_of_text(each)); });
  return found;
}

std::string one_of(std::string_view list) {
  std::string words;
  each_in_list(list, [&](std::string_view each) {
    words += concat(words.empty() ? "give one of " : ", ", each);
  });
  return words;
}

// {2, 55} of "2.55.1".
std::optional<std::pair<int, int>> version_of(std::string_view text) {
  std::pair<int, int> version;
  const char* const last = text.data() + text.size();
  const auto [dot, error] = std::from_chars(text.data(), last, version.first);
  if (error != std::errc() || dot == last || *dot != '.') return std::nullopt;
  const auto [end, other_error] = std::from_chars(dot + 1, last, version.second);
  if (other_error != std::errc()) return std::nullopt;
  return version;
}

}  // namespace

bool is_older_version(std::string_view version, std::string_view other) {
  const auto one = version_of(version);
  const auto two = version_of(other);
  return one && two && *one < *two;
}

// Options come and stay: one that the next version in the table lacks, an older one lacks as well.
bool may_have_option(std::string_view version, const PgBackRestOption& option) {
  if (!version_of(version)) return true;
  const auto& known = pgbackrest_versions();
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (!is_older_version(known[i], version)) return (option.versions & (1U << i)) != 0;
  }
  return true;
}

FoundOption find_pgbackrest_option(std::string_view name) {
  const NamePieces pieces = pieces_of(name);
  if (pieces.index != 0) {
    const PgBackRestOption* option = option_named(concat(pieces.group, "#", pieces.rest));
    if (option == nullptr)  // "repo1-s3-ca-file", once named "repo-s3-ca-file"
      option = option_once_named(concat(pieces.group, pieces.rest));
    return {.option = option, .index = pieces.index};
  }
  if (const PgBackRestOption* option = option_named(name)) return {.option = option};
  if (const PgBackRestOption* option = option_once_named(name)) return {.option = option};
  for (const std::string_view group : kGroups) {
    if (!name.starts_with(concat(group, "-"))) continue;
    const PgBackRestOption* option = option_named(concat(group, "#", name.substr(group.size())));
    if (option != nullptr) return {.option = option, .lacks_index = true};
  }
  return {};
}

std::string nearest_pgbackrest_option(std::string_view name) {
  constexpr std::size_t kLongestName = 64;
  constexpr std::size_t kFurthest = 3;
  if (name.size() > kLongestName) return {};
  std::string nearest;
  std::size_t least = kFurthest + 1;
  const std::string index = concat(std::max(pieces_of(name).index, 1));
  for (const PgBackRestOption& option : pgbackrest_options()) {
    std::string known(option.name);
    if (const std::size_t mark = known.find('#'); mark != known.npos) known.replace(mark, 1, index);
    const std::size_t distance = distance_between(name, known);
    if (distance >= least) continue;
    least = distance;
    nearest = std::move(known);
  }
  return nearest;
}

std::optional<std::string> option_value_mistake(const PgBackRestOption& option,
                                                std::string_view value) {
  switch (option.kind) {
    case OptionKind::kFlag:
      if (value == "y" || value == "n") return std::nullopt;
      return "give y or n";
    case OptionKind::kPath:
      if (value.starts_with('/')) return std::nullopt;
      return "give a path that begins with a slash";
    case OptionKind::kPairs:
      if (value.contains('=')) return std::nullopt;
      return "give it as key=value";
    case OptionKind::kChoice:
      if (is_in_list(option.least, value)) return std::nullopt;
      return one_of(option.least);
    case OptionKind::kSizeChoice:
      if (is_size_among(option.least, value)) return std::nullopt;
      return one_of(option.least);
    case OptionKind::kNumber:
      return mistake_in_range(option, value, whole_of_text);
    case OptionKind::kSize:
      return mistake_in_range(option, value, size_of_text);
    case OptionKind::kTime:
      return mistake_in_range(option, value, time_of_text);
    case OptionKind::kText:
      break;
  }
  return std::nullopt;
}

}  // namespace annals::spec
