#include "spec/restore_options.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "base/concat.h"
#include "spec/fields.h"
#include "spec/restore_option_table.h"
#include "spec/restore_target.h"
#include "spec/restore_words.h"
#include "spec/text.h"

namespace annals::spec {
namespace {

constexpr Choices<TargetType, 6> kTargetTypes{{{"default", TargetType::kDefault},
                                               {"immediate", TargetType::kImmediate},
                                               {"time", TargetType::kTime},
                                               {"lsn", TargetType::kLsn},
                                               {"name", TargetType::kName},
                                               {"xid", TargetType::kXid}}};

constexpr std::size_t kPointNameMax = 63;
constexpr std::uint64_t kFirstXid = 3;  // those below are PostgreSQL's own

std::optional<std::uint64_t> parse_whole(std::string_view text, int base = 10) {
  std::uint64_t value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value, base);
  if (text.empty() || error != std::errc() || end != last) return std::nullopt;
  return value;
}

// "20260131-080500F", "20260131-080500F_20260201-080500I".
bool is_backup_label(std::string_view label) {
  const auto has_form = [](std::string_view text, std::string_view form) {
    return std::ranges::equal(text, form,
                              [](char c, char f) { return f == '0' ? is_digit(c) : c == f; });
  };
  constexpr std::string_view kFull = "00000000-000000F";
  if (!has_form(label.substr(0, kFull.size()), kFull)) return false;
  const std::string_view rest = label.substr(kFull.size());
  return rest.empty() || has_form(rest, "_00000000-000000D") || has_form(rest, "_00000000-000000I");
}

class RestoreOptionsReader {
 public:
  RestoreOptionsReader(GivenOptions given, const std::string& path)
      : path_(path), given_(std::move(given)) {
    read_.mistakes = std::move(given_.mistakes);
  }

  ReadRestoreOptions read() && {
    if (read_.mistakes.empty()) fill_in();
    return std::move(read_);
  }

 private:
  void mistake(std::size_t item, std::string value, std::string remedy) {
    read_.mistakes.push_back({concat(path_, "[", item, "]"), std::move(value), std::move(remedy)});
  }
  void mistake_in_list(std::string_view value, std::string remedy) {
    read_.mistakes.push_back({path_, shown_value(value), std::move(remedy)});
  }

  const GivenOption* given(const char* name) const {
    const auto found = given_.options.find(name);
    return found == given_.options.end() ? nullptr : &found->second;
  }

  void fill_in() {
    fill_in_type();
    fill_in_target();
    fill_in_exclusive();
    fill_in_set();
    fill_in_timeline();
    read_.options.db_include = given_.names["db-include"];
    read_.options.db_exclude = given_.names["db-exclude"];
    for (const auto& [name, option] : given_.options) add_other(name, option.value);
  }

  void add_other(const std::string& name, const std::string& value) {
    const RestoreOption& known = *restore_option(name);
    if (known.is_ours) return;
    read_.options.others.push_back(known.form == OptionForm::kFlag
                                       ? concat(value == "y" ? "--" : "--no-", name)
                                       : concat("--", name, "=", value));
  }

  RestoreTarget& target() { return read_.options.target; }
  bool stops_at_target() {
    return target().type != TargetType::kDefault && target().type != TargetType::kImmediate;
  }

  void fill_in_type() {
    const GivenOption* type = given("type");
    if (type == nullptr) return;
    for (const auto& [text, meaning] : kTargetTypes) {
      if (text != type->value) continue;
      target().type = meaning;
      return;
    }
    mistake(type->item, shown_value(type->value),
            "choose one of default, immediate, time, lsn, name, xid");
  }

  void fill_in_target() {
    const GivenOption* given_target = given("target");
    if (!read_.mistakes.empty()) return;
    if (given_target == nullptr) {
      if (!stops_at_target()) return;
      return mistake_in_list(concat("--type=", to_string(target().type)),
                             "add --target=..., where the restore is to end");
    }
    if (!stops_at_target()) {
      return mistake(given_target->item, shown_value(given_target->value),
                     "say what it is: add --type=time, --type=lsn, --type=name or --type=xid");
    }
    const std::string remedy = read_target(given_target->value);
    if (!remedy.empty()) mistake(given_target->item, shown_value(given_target->value), remedy);
  }

  // The remedy where it is none.
  std::string read_target(const std::string& text) {
    switch (target().type) {
      case TargetType::kTime:
        return read_time(text);
      case TargetType::kLsn:
        return read_lsn(text);
      case TargetType::kXid:
        return read_xid(text);
      default:
        return read_name(text);
    }
  }

  std::string read_time(const std::string& text) {
    const std::optional<PointInTime> point = parse_point_in_time(text);
    if (!point) {
      return "give a time such as 2026-01-31 08:05:00+00, its zone as an offset or UTC";
    }
    target().time = point->time;
    target().zone_assumed = point->zone_assumed;
    target().text = point_in_time_text(point->time);
    return {};
  }

  std::string read_lsn(const std::string& text) {
    const std::optional<std::uint64_t> lsn = parse_lsn(text);
    if (!lsn || *lsn == 0) return "give a position in the WAL such as 0/5000028";
    target().lsn = *lsn;
    target().text = lsn_text(*lsn);
    return {};
  }

  std::string read_xid(const std::string& text) {
    const std::optional<std::uint64_t> xid = parse_whole(text);
    if (!xid || *xid < kFirstXid) return "give the number of a transaction, 3 or more";
    target().text = concat(*xid);
    return {};
  }

  // It stands in a file of PostgreSQL's between quotes.
  std::string read_name(const std::string& text) {
    const bool is_plain = is_printable(text) && text.find_first_of("'\\") == text.npos;
    if (text.empty() || text.size() > kPointNameMax || !is_plain) {
      return "give the name of a restore point: 1 to 63 ASCII characters without quotes and "
             "backslashes";
    }
    target().text = text;
    return {};
  }

  void fill_in_exclusive() {
    const GivenOption* exclusive = given("target-exclusive");
    if (exclusive == nullptr || exclusive->value == "n" || !read_.mistakes.empty()) return;
    target().exclusive = true;
    if (stops_at_target() && target().type != TargetType::kName) return;
    mistake(exclusive->item, "\"--target-exclusive\"",
            "remove it, or restore with --type=time, --type=lsn or --type=xid");
  }

  void fill_in_set() {
    const GivenOption* set = given("set");
    if (set == nullptr) return;
    read_.options.set = set->value;
    if (set->value == kLatest || is_backup_label(set->value)) return;
    mistake(set->item, shown_value(set->value),
            "give a backup's label such as 20260131-080500F, or latest");
  }

  void fill_in_timeline() {
    const GivenOption* timeline = given("target-timeline");
    if (timeline == nullptr) return;
    read_.options.timeline = timeline->value;
    if (target().type == TargetType::kImmediate) {
      return mistake(timeline->item, shown_value(timeline->value),
                     "remove it: --type=immediate ends on the timeline of its backup");
    }
    if (timeline->value == kCurrent || timeline->value == kLatest) return;
    const bool is_hex = timeline->value.starts_with("0x");
    const std::optional<std::uint64_t> number =
        is_hex ? parse_whole(std::string_view(timeline->value).substr(2), 16)
               : parse_whole(timeline->value);
    read_.options.timeline = number ? concat(*number) : std::string();
    if (number && *number >= 1 && *number <= 0xFFFFFFFFU) return;
    mistake(timeline->item, shown_value(timeline->value),
            "give current, latest or a timeline's number");
  }

  std::string path_;
  GivenOptions given_;
  ReadRestoreOptions read_;
};

}  // namespace

const char* to_string(TargetType type) {
  for (const auto& [text, meaning] : kTargetTypes) {
    if (meaning == type) return text.data();
  }
  return "";
}

ReadRestoreOptions read_restore_options(const std::vector<std::string>& items,
                                        const std::string& path) {
  return RestoreOptionsReader(read_restore_words(items, path), path).read();
}

std::vector<std::string> arguments_of(const RestoreOptions& options) {
  const RestoreTarget& target = options.target;
  std::vector<std::string> words{concat("--type=", to_string(target.type))};
  if (!target.text.empty()) words.push_back(concat("--target=", target.text));
  if (target.exclusive) words.emplace_back("--target-exclusive");
  if (!options.set.empty()) words.push_back(concat("--set=", options.set));
  if (!options.timeline.empty() && target.type != TargetType::kImmediate) {
    words.push_back(concat("--target-timeline=", options.timeline));
  }
  for (const std::string& name : options.db_include) words.push_back(concat("--db-include=", name));
  for (const std::string& name : options.db_exclude) words.push_back(concat("--db-exclude=", name));
  words.insert(words.end(), options.others.begin(), options.others.end());
  return words;
}

}  // namespace annals::spec
