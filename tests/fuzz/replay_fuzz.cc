// Any bytes are the file of what-if, a point of a history, what another annals-replay printed, a
// command line, or an error. The first byte chooses.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "command_line.h"
#include "records.h"
#include "selection.h"
#include "what_if.h"

namespace {

using namespace annals::replay;  // NOLINT(google-build-using-namespace): a program of one function

bool is_point(const Point& point) { return point.seq.has_value() != point.time.has_value(); }

void look_at_patch(const std::string& text) {
  const annals::Result<Patch> patch = parse_patch("patch.json", text);
  if (!patch) return;
  if (!is_point(patch->at)) std::abort();
  if (patch->spec.empty() && !patch->changes_configuration) std::abort();
  if (!patch->spec.empty() && !nlohmann::json::parse(patch->spec).is_object()) std::abort();
}

void look_at_words(std::string_view text) {
  const annals::Result<Point> point = parse_point("--at", text);
  if (point && !is_point(*point)) std::abort();
  if (point && point->time) {
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(*point->time));
    if (day.year() < std::chrono::year(0) || day.year() > std::chrono::year(10000)) std::abort();
  }
  (void)parse_kind(text);
}

// Words of the command line, one a line.
void look_at_command(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t end = 0; !text.empty(); text.remove_prefix(std::min(end + 1, text.size()))) {
    end = std::min(text.find('\n'), text.size());
    words.emplace(words.begin(), text.substr(0, end));  // CLI11 takes the last one first
  }
  Typed typed;
  const std::unique_ptr<CLI::App> app = make_app(typed);
  try {
    app->parse(std::move(words));
    (void)selection_of(typed);
  } catch (const CLI::ParseError&) {  // is told to whoever typed it
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 'p') {
    look_at_patch(std::string(text));
  } else if (data[0] == 'r') {
    (void)read_recomputed(text);
  } else if (data[0] == 'c') {
    look_at_command(text);
  } else {
    look_at_words(text);
  }
  return 0;
}
