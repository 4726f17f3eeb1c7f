#include "tests/tidy/rules.h"

#include <algorithm>
#include <array>
#include <regex>
#include <utility>

namespace annals::tidy {
namespace {

constexpr int kMaxLines = 500;
constexpr std::size_t kMaxColumns = 100;
constexpr std::size_t kMaxTableColumns = 140;  // between clang-format off and on: a table

struct Ban {
  std::string_view word;
  std::string_view instead;
  std::array<std::string_view, 2> allowed_in{};  // prefixes of the paths where it is fine
};

constexpr std::array kBans{
    Ban{"std::cout", "programs in tools print; the rest logs", {"tools/", "tests/"}},
    Ban{"std::cerr", "use Log", {"tools/", "tests/"}},
    Ban{"system_clock::now", "take a Clock", {"src/base/clock.cc"}},
    Ban{"steady_clock::now", "take a Clock", {"src/base/clock.cc", "tests/"}},
    Ban{"sleep_for", "await a condition", {"tests/e2e/support/"}},
    Ban{"usleep(", "await a condition"},
    Ban{"_TRUE(eventually(", "await it: tests/e2e/support/await.h says what was seen, and ends"},
    Ban{"hostPath", "the operator's namespace refuses it", {"src/"}},
    Ban{"port-forward", "PortForward waits until somebody listens", {"src/", "tests/e2e/support/"}},
    Ban{"[=]", "capture by name"},
    Ban{" = new ", "make_unique, or a value"},
    Ban{"getenv(", "read the environment in main", {"src/main.cc", "tests/"}},
    Ban{"GTEST_SKIP", "a test that does not run proves nothing", {"tests/e2e/"}},
    Ban{"DISABLED_", "mend or remove the test"},
    Ban{"using namespace std;", "name what is used"},
};

constexpr std::array<std::string_view, 5> kVagueNames{"util", "helper", "common", "manager",
                                                      "_impl"};

bool is_cpp(std::string_view path) { return path.ends_with(".cc") || path.ends_with(".h"); }

std::string at(const SourceFile& file, int line, std::string_view what) {
  return file.path + ":" + std::to_string(line) + ": " + std::string(what);
}

bool is_at_home(const Ban& ban, std::string_view path) {
  return std::ranges::any_of(ban.allowed_in, [&](std::string_view prefix) {
    return !prefix.empty() && path.starts_with(prefix);
  });
}

// The code of a line, without what stands behind //.
std::string_view code_of(std::string_view line) { return line.substr(0, line.find("//")); }

// A raw string means each of its characters.
bool cannot_be_broken(std::string_view line) {
  return line.starts_with("#include") || line.contains("R\"");
}

// What ends the raw string that is open at the end of this line; empty when none is. `open` is
// that of the line before.
std::string raw_string_after(std::string_view line, std::string open) {
  if (!open.empty()) return line.contains(open) ? std::string() : open;
  const std::size_t begin = line.rfind("R\"");
  if (begin == std::string_view::npos) return {};
  const std::size_t content = line.find('(', begin);
  if (content == std::string_view::npos) return {};
  const std::string end = ")" + std::string(line.substr(begin + 2, content - begin - 2)) + "\"";
  return line.find(end, content) == std::string_view::npos ? end : std::string();
}

// Characters, not bytes: continuation bytes of UTF-8 do not count.
std::size_t columns(std::string_view line) {
  return static_cast<std::size_t>(std::ranges::count_if(
      line, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

}  // namespace

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back({static_cast<int>(lines.size()) + 1, text.substr(0, end)});
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return lines;
}

Findings check_limits(const SourceFile& file) {
  Findings findings;
  if (!is_cpp(file.path)) return findings;
  const std::vector<Line> lines = lines_of(file.text);
  if (lines.size() > kMaxLines) {
    findings.push_back(at(file, kMaxLines, "a file has at most 500 lines: split it by subject"));
  }
  std::size_t most = kMaxColumns;
  std::string raw;  // text of another language has lines of its own
  for (const Line& line : lines) {
    if (!std::exchange(raw, raw_string_after(line.text, raw)).empty()) continue;
    if (line.text.contains("// clang-format off")) most = kMaxTableColumns;
    if (line.text.contains("// clang-format on")) most = kMaxColumns;
    if (columns(line.text) <= most || cannot_be_broken(line.text)) continue;
    findings.push_back(
        at(file, line.number, "a line has at most " + std::to_string(most) + " columns"));
  }
  return findings;
}

Findings check_banned(const SourceFile& file) {
  Findings findings;
  if (!is_cpp(file.path) || file.path.starts_with("tests/tidy/")) return findings;
  const std::string_view path = file.path;
  const std::string_view name = path.substr(path.rfind('/') + 1);
  for (const std::string_view vague : kVagueNames) {
    if (name.find(vague) == std::string_view::npos) continue;
    findings.push_back(
        at(file, 1, "a file is named for its subject, not '" + std::string(vague) + "'"));
  }
  for (const Line& line : lines_of(file.text)) {
    for (const Ban& ban : kBans) {
      if (code_of(line.text).find(ban.word) == std::string_view::npos) continue;
      if (is_at_home(ban, path)) continue;
      findings.push_back(
          at(file, line.number, std::string(ban.word) + " is banned: " + std::string(ban.instead)));
    }
  }
  return findings;
}

Findings check_header(const SourceFile& file) {
  Findings findings;
  if (!file.path.ends_with(".h")) return findings;
  if (!file.text.starts_with("// ")) {
    findings.push_back(at(file, 1, "a header opens with what it is for"));
  }
  if (file.text.find("\n#pragma once\n") == std::string::npos) {
    findings.push_back(at(file, 1, "a header has #pragma once"));
  }
  return findings;
}

// Three words in a row, as no name, path or key has them.
bool has_sentence(std::string_view code) {
  static const std::regex kSentence(R"re("[^"]*[A-Za-z]+,? [a-z]+,? [A-Za-z'][^"]*")re");
  return std::regex_search(code.begin(), code.end(), kSentence);
}

// Values that are compared, and stand in records.
bool is_value(std::string_view code) {
  constexpr std::array<std::string_view, 3> kValues{
      "\"in archive recovery\"", "\"deleted by its name\"", "\" before its leader\""};
  return std::ranges::any_of(kValues, [&](std::string_view value) { return code.contains(value); });
}

Findings check_sentences(const SourceFile& file) {
  Findings findings;
  const bool is_core = is_cpp(file.path) && file.path.starts_with("src/fsm/") &&
                       !file.path.starts_with("src/fsm/text/") &&
                       !file.path.starts_with("src/fsm/codec/");
  if (!is_core) return findings;
  for (const Line& line : lines_of(file.text)) {
    const std::string_view code = code_of(line.text);
    const bool is_for_programmers = code.contains("_ASSERT(") || code.contains("static_assert(");
    if (is_for_programmers || is_value(code) || !has_sentence(code)) continue;
    findings.push_back(
        at(file, line.number,
           "a sentence stands in the catalogue, src/fsm/text/*.def: say::its_id(...)"));
  }
  return findings;
}

Findings check_markdown(const SourceFile& file) {
  Findings findings;
  if (!file.path.ends_with(".md")) return findings;
  int titles = 0;
  bool in_code = false;
  for (const Line& line : lines_of(file.text)) {
    if (line.text.starts_with("```")) in_code = !in_code;
    if (!in_code && line.text.starts_with("# ")) ++titles;
  }
  if (titles != 1) {
    findings.push_back(
        at(file, 1, "a Markdown file has one '# Title', not " + std::to_string(titles)));
  }
  return findings;
}

}  // namespace annals::tidy
