#include "tests/support/unified_diff.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/concat.h"

namespace annals {
namespace {

constexpr std::size_t kContext = 3;

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

struct Edit {
  char mark = ' ';  // ' ', '-' or '+'
  std::string_view line;
  std::size_t expected = 0;  // lines of each text before it
  std::size_t actual = 0;
};

// By the longest common subsequence: what is left out of it was taken away or added.
std::vector<Edit> edits_between(const Lines& a, const Lines& b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> longest((a.size() + 1) * width);
  const auto at = [&](std::size_t i, std::size_t j) -> std::size_t& {
    return longest[(i * width) + j];
  };
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;)
      at(i, j) = a[i] == b[j] ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));
  }
  std::vector<Edit> edits;
  for (std::size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      edits.push_back({.mark = ' ', .line = a[i], .expected = i, .actual = j});
      ++i, ++j;
    } else if (i < a.size() && (j == b.size() || at(i + 1, j) >= at(i, j + 1))) {
      edits.push_back({.mark = '-', .line = a[i], .expected = i, .actual = j});
      ++i;
    } else {
      edits.push_back({.mark = '+', .line = b[j], .expected = i, .actual = j});
      ++j;
    }
  }
  return edits;
}

bool is_near_change(const std::vector<Edit>& edits, std::size_t place) {
  const std::size_t first = place < kContext ? 0 : place - kContext;
  const std::size_t last = std::min(place + kContext + 1, edits.size());
  for (std::size_t i = first; i < last; ++i) {
    if (edits[i].mark != ' ') return true;
  }
  return false;
}

std::string head_of(const std::vector<Edit>& edits, std::size_t first, std::size_t last) {
  std::size_t expected = 0;
  std::size_t actual = 0;
  for (std::size_t i = first; i < last; ++i) {
    expected += edits[i].mark != '+' ? 1 : 0;
    actual += edits[i].mark != '-' ? 1 : 0;
  }
  return concat("@@ -", edits[first].expected + 1, ",", expected, " +", edits[first].actual + 1,
                ",", actual, " @@\n");
}

}  // namespace

std::string unified_diff(std::string_view expected, std::string_view actual,
                         std::string_view expected_name, std::string_view actual_name) {
  if (expected == actual) return {};
  const std::vector<Edit> edits = edits_between(lines_of(expected), lines_of(actual));
  std::string text = concat("--- ", expected_name, "\n+++ ", actual_name, "\n");
  for (std::size_t i = 0; i < edits.size();) {
    if (!is_near_change(edits, i)) {
      ++i;
      continue;
    }
    std::size_t last = i;
    while (last < edits.size() && is_near_change(edits, last)) ++last;
    text += head_of(edits, i, last);
    for (; i < last; ++i) text += concat(edits[i].mark, edits[i].line, "\n");
  }
  return text;
}

}  // namespace annals
