#include "spec/restore_option_table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <system_error>

#include "base/concat.h"
#include "spec/text.h"

namespace annals::spec {
namespace {

constexpr RestoreOption own(std::string_view name, OptionForm form = OptionForm::kText) {
  return {.name = name, .form = form, .refusal = {}, .is_ours = true};
}
constexpr RestoreOption taken(std::string_view name, OptionForm form) {
  return {.name = name, .form = form};
}
constexpr RestoreOption number(std::string_view name, int least, int most) {
  return {.name = name, .form = OptionForm::kNumber, .least = least, .most = most};
}

constexpr std::string_view kDecidedByUs = "remove it: the operator decides it";
constexpr std::string_view kOwnVolumes = "remove it: tablespaces are restored to their own volumes";

constexpr RestoreOption refused(std::string_view name, std::string_view remedy = kDecidedByUs) {
  return {.name = name, .form = OptionForm::kText, .refusal = remedy};
}
constexpr RestoreOption refused_flag(std::string_view name,
                                     std::string_view remedy = kDecidedByUs) {
  return {.name = name, .form = OptionForm::kFlag, .refusal = remedy};
}

constexpr std::array kRestoreOptions{
    own("type"),
    own("target"),
    own("target-exclusive", OptionForm::kFlag),
    own("target-timeline"),
    own("set"),
    own("db-include", OptionForm::kNames),
    own("db-exclude", OptionForm::kNames),
    own("delta", OptionForm::kFlag),
    taken("buffer-size", OptionForm::kAmount),
    number("compress-level-network", 0, 9),
    taken("io-timeout", OptionForm::kAmount),
    taken("log-level-console", OptionForm::kLevel),
    taken("log-level-file", OptionForm::kLevel),
    taken("log-level-stderr", OptionForm::kLevel),
    taken("log-subprocess", OptionForm::kFlag),
    taken("log-timestamp", OptionForm::kFlag),
    taken("neutral-umask", OptionForm::kFlag),
    number("process-max", 1, 999),
    taken("protocol-timeout", OptionForm::kAmount),
    taken("sck-keep-alive", OptionForm::kFlag),
    number("tcp-keep-alive-count", 1, 32),
    number("tcp-keep-alive-idle", 1, 3600),
    number("tcp-keep-alive-interval", 1, 900),
    refused("repo", "remove it: repoName names the repository"),
    refused("target-action", "remove it: the database is promoted at the target"),
    refused("archive-mode", "remove it: WAL is archived after the restore as before"),
    refused("tablespace-map", kOwnVolumes),
    refused("tablespace-map-all", kOwnVolumes),
    refused_flag("force", "remove it: files are restored by their checksums"),
    refused_flag("link-all"),
    refused_flag("config"),
    refused("link-map"),
    refused("recovery-option"),
    refused("stanza"),
    refused("config-path"),
    refused("config-include-path"),
    refused("lock-path"),
    refused("log-path"),
    refused("spool-path"),
    refused("cmd"),
    refused("cmd-ssh"),
    refused("exec-id"),
};

constexpr std::array<std::string_view, 7> kLogLevels{"off",    "error", "warn", "info",
                                                     "detail", "debug", "trace"};

// "repo1-s3-key" for "repo"; the number is optional in old names.
bool is_option_of(std::string_view group, std::string_view name) {
  if (!name.starts_with(group)) return false;
  name.remove_prefix(group.size());
  while (!name.empty() && is_digit(name.front())) name.remove_prefix(1);
  return name.starts_with('-');
}

bool is_number_within(std::string_view text, int least, int most) {
  int value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  return error == std::errc() && end == last && value >= least && value <= most;
}

// A number, perhaps with a fraction, and letters.
bool is_amount(std::string_view text) {
  const auto is_letter = [](char c) { return to_lower(c) >= 'a' && to_lower(c) <= 'z'; };
  if (text.empty() || !is_digit(text.front())) return false;
  while (!text.empty() && is_letter(text.back())) text.remove_suffix(1);
  return std::ranges::all_of(text, [](char c) { return is_digit(c) || c == '.'; }) &&
         std::ranges::count(text, '.') <= 1;
}

}  // namespace

const RestoreOption* restore_option(std::string_view name) {
  const auto* const found = std::ranges::find(kRestoreOptions, name, &RestoreOption::name);
  return found == kRestoreOptions.end() ? nullptr : &*found;
}

std::string unknown_option_remedy(std::string_view name) {
  if (is_option_of("repo", name)) return "move it to spec.backups.pgbackrest.global";
  if (is_option_of("pg", name)) return std::string(kDecidedByUs);
  return "remove it: pgbackrest restore has no such option";
}

std::string mistake_in_value(const RestoreOption& option, std::string_view value) {
  switch (option.form) {
    case OptionForm::kNumber:
      if (is_number_within(value, option.least, option.most)) return {};
      return concat("give a number from ", option.least, " to ", option.most);
    case OptionForm::kAmount:
      return is_amount(value) ? "" : "give a number, with its unit if it has one";
    case OptionForm::kLevel:
      if (std::ranges::find(kLogLevels, value) != kLogLevels.end()) return {};
      return "choose one of off, error, warn, info, detail, debug, trace";
    default:
      return {};
  }
}

}  // namespace annals::spec
