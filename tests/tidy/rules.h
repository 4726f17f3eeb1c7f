// The style that runs: each rule looks at one file's text and says what is wrong and what to do.
// Rules are pure; tree.h brings the files. Function length is clang-tidy's business.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace annals::tidy {

struct SourceFile {
  std::string path;  // from the root of the repository, "src/base/id.h"
  std::string text;
};

// "src/fsm/step/step.cc:12: <chrono> ...": printed as it is.
using Findings = std::vector<std::string>;

// Who may include whom: the table of rooms.cc.
Findings check_includes(const SourceFile& file);
// Lines of a file, columns of a line.
Findings check_limits(const SourceFile& file);
// Words and calls that have a better replacement.
Findings check_banned(const SourceFile& file);
// A header says what it is for, and is included once.
Findings check_header(const SourceFile& file);
// In src/fsm a sentence stands in the catalogue (src/fsm/text), or is an error about bytes.
Findings check_sentences(const SourceFile& file);
// Exactly one title.
Findings check_markdown(const SourceFile& file);

// Each line of the text with its number, from 1.
struct Line {
  int number;
  std::string_view text;
};
std::vector<Line> lines_of(std::string_view text);

}  // namespace annals::tidy
