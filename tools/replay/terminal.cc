#include "terminal.h"

#include <algorithm>

#include "base/concat.h"

namespace annals::replay {
namespace {

std::string_view code_of(Colour colour) {
  switch (colour) {
    case Colour::kNone:
      return "";
    case Colour::kDim:
      return "\033[2m";
    case Colour::kRed:
      return "\033[31m";
    case Colour::kGreen:
      return "\033[32m";
    case Colour::kYellow:
      return "\033[33m";
    case Colour::kBlue:
      return "\033[34m";
    case Colour::kMagenta:
      return "\033[35m";
    case Colour::kCyan:
      return "\033[36m";
  }
  return "";
}

}  // namespace

std::string Out::paint(std::string_view what, Colour its_colour) const {
  if (!colour || its_colour == Colour::kNone || what.empty()) return std::string(what);
  return concat(code_of(its_colour), what, "\033[0m");
}

Colour colour_of(journal::Kind kind) {
  switch (kind) {
    case journal::Kind::kFact:
      return Colour::kBlue;
    case journal::Kind::kDecision:
      return Colour::kYellow;
    case journal::Kind::kIntent:
      return Colour::kMagenta;
    case journal::Kind::kOutcome:
      return Colour::kGreen;
    case journal::Kind::kTimer:
    case journal::Kind::kMarker:
      return Colour::kDim;
    case journal::Kind::kCommand:
      return Colour::kCyan;
  }
  return Colour::kNone;
}

std::string padded(std::string_view text, std::size_t width) {
  std::string filled(text);
  filled.resize(std::max(width, filled.size()), ' ');
  return filled;
}

void Table::print(const Out& out) const {
  std::vector<std::size_t> widths;
  for (const std::string& title : titles_) widths.push_back(title.size());
  for (const std::vector<Cell>& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].text.size());
  }
  const auto line = [&](const auto& text_of, const auto& colour_at) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const bool last = i + 1 == widths.size();
      const std::string text = last ? text_of(i) : padded(text_of(i), widths[i]);
      *out.text << out.paint(text, colour_at(i)) << (last ? "\n" : "  ");
    }
  };
  const bool titled =
      std::ranges::any_of(titles_, [](const auto& title) { return !title.empty(); });
  if (titled)
    line([&](std::size_t i) { return titles_[i]; }, [](std::size_t) { return Colour::kDim; });
  for (const std::vector<Cell>& row : rows_) {
    line([&](std::size_t i) { return row.at(i).text; },
         [&](std::size_t i) { return row.at(i).colour; });
  }
}

}  // namespace annals::replay
