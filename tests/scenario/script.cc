#include "tests/scenario/script.h"

#include <algorithm>
#include <utility>

#include "base/concat.h"

namespace annals::scenario {
namespace {

constexpr std::string_view kDashes = "----";

// Reads block by block; ends at the first one that cannot be read.
class Parser {
 public:
  Script parse(std::string_view text) {
    while (!text.empty() && script_.error.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      ++number_;
      take(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (!in_trace_ && !block_.commands.empty() && script_.error.empty())
      script_.error = concat("line ", block_.commands.back().number, ": the last command has no ",
                             kDashes, " below it: add that line");
    if (in_trace_) close();
    script_.tail = std::move(block_.lead);
    return std::move(script_);
  }

 private:
  void take(std::string_view line) {
    if (in_trace_) return take_trace(line);
    if (line == kDashes) return take_dashes();
    const bool is_command = !line.empty() && line.front() != '#';
    if (is_command) {
      block_.commands.push_back({.number = number_, .text = std::string(line)});
    } else if (block_.commands.empty()) {
      block_.lead += concat(line, "\n");
    } else {
      script_.error = concat("line ", number_, ": a command stands above without ", kDashes,
                             " below it: put that line between them and this one");
    }
  }
  void take_dashes() {
    if (block_.commands.empty()) {
      script_.error = concat("line ", number_, ": ", kDashes,
                             " without a command above it: write one there, or take it out");
    }
    in_trace_ = true;
  }
  void take_trace(std::string_view line) {
    if (!line.empty()) {
      block_.trace += concat(line, "\n");
      return;
    }
    close();
    block_.lead.assign(1, '\n');
  }
  void close() {
    script_.blocks.push_back(std::exchange(block_, {}));
    in_trace_ = false;
  }

  Script script_;
  Block block_;
  bool in_trace_ = false;
  int number_ = 0;
};

}  // namespace

Script parse_script(std::string_view text) { return Parser().parse(text); }

std::string print_script(const Script& script) {
  std::string text;
  for (const Block& block : script.blocks) {
    text += block.lead;
    for (const CommandLine& command : block.commands) text += concat(command.text, "\n");
    text += concat(kDashes, "\n", block.trace);
  }
  return text + script.tail;
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  bool quoted = false;
  bool open = false;
  for (const char c : line) {
    if (c == ' ' && !quoted) {
      open = false;
      continue;
    }
    if (!std::exchange(open, true)) words.emplace_back();
    if (c == '"') {
      quoted = !quoted;
    } else {
      words.back() += c;
    }
  }
  return words;
}

}  // namespace annals::scenario
