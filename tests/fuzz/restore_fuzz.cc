// What a restore is decided from: any bytes are a value or an error. The first byte says of what:
// 'o' options, one list item a line; 't' a time; 'h' a timeline's history; anything else what
// `pgbackrest info` printed, of which restores are planned then.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "fsm/view/restore_plan.h"
#include "lens/repository.h"
#include "spec/restore_options.h"
#include "spec/restore_target.h"

namespace annals {
namespace {

constexpr Timestamp kNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 30)};

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

// What is told to pgBackRest means what was read.
void look_at_options(std::string_view text) {
  spec::ReadRestoreOptions read = spec::read_restore_options(lines_of(text), "options");
  for (const spec::Mistake& mistake : read.mistakes)
    ANNALS_ASSERT(!mistake.field.empty() && !mistake.remedy.empty(), to_string(mistake));
  if (!read.mistakes.empty()) return;
  std::vector<std::string> again;
  for (const std::string& word : arguments_of(read.options)) again.push_back(quoted(word));
  read.options.target.zone_assumed = false;
  const spec::ReadRestoreOptions second = spec::read_restore_options(again, "options");
  ANNALS_ASSERT(second.mistakes.empty() && second.options == read.options, std::string(text));
}

void look_at_time(std::string_view text) {
  const std::optional<spec::PointInTime> point = spec::parse_point_in_time(text);
  if (!point) return;
  const std::string written = spec::point_in_time_text(point->time);
  const std::optional<spec::PointInTime> second = spec::parse_point_in_time(written);
  const bool is_of_epoch = point->time >= Timestamp{};  // a zone may lead out of it
  ANNALS_ASSERT(!is_of_epoch || (second && second->time == point->time), written);
}

void look_at_history(std::string_view text) {
  constexpr std::int64_t kTimeline = 7;
  const Result<std::vector<fsm::TimelineBranch>> branches =
      lens::read_timeline_history(text, kTimeline);
  if (!branches) return;
  for (const fsm::TimelineBranch& branch : *branches)
    ANNALS_ASSERT(
        branch.parent >= 1 && branch.parent < branch.timeline && branch.timeline <= kTimeline,
        std::string(text));
}

// A plan leaves nothing to be chosen.
void look_at_repository(std::string_view text) {
  const Result<fsm::RepositoryContents> contents = lens::read_repository(text, "db", "repo1");
  if (!contents) return;
  for (const char* options :
       {"", "--type=time --target=2026-11-29", "--type=lsn --target=0/9000000", "--type=immediate",
        "--type=name --target=a --set=latest"}) {
    const fsm::PlannedRestore made =
        fsm::plan_restore("repo1", spec::read_restore_options({options}, "options").options,
                          *contents, {.timeline = 2}, kNow);
    if (!made.refusal.empty()) continue;
    const std::string& set = made.plan.options.set;
    const auto found = std::ranges::find(contents->backups, set, &fsm::BackupSet::label);
    ANNALS_ASSERT(found != contents->backups.end() && !made.plan.options.timeline.empty(), set);
  }
}

}  // namespace
}  // namespace annals

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.starts_with('o')) {
    annals::look_at_options(text.substr(1));
  } else if (text.starts_with('t')) {
    annals::look_at_time(text.substr(1));
  } else if (text.starts_with('h')) {
    annals::look_at_history(text.substr(1));
  } else {
    annals::look_at_repository(text);
  }
  return 0;
}
