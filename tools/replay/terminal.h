// Terminal: how results look to a person: aligned columns, with colours where a terminal shows
// them.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "journal/record.h"

namespace annals::replay {

enum class Colour : std::uint8_t { kNone, kDim, kRed, kGreen, kYellow, kBlue, kMagenta, kCyan };

// Where a command writes to, and in which form.
struct Out {
  std::ostream* text = nullptr;
  bool json = false;
  bool colour = false;

  // The text in its colour, or as it is.
  std::string paint(std::string_view what, Colour colour) const;
};

Colour colour_of(journal::Kind kind);

struct Cell {
  std::string text;
  Colour colour = Colour::kNone;
};

// All rows first, then printed with columns as wide as their widest cell; the last one is free.
class Table {
 public:
  explicit Table(std::vector<std::string> titles) : titles_(std::move(titles)) {}

  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  void print(const Out& out) const;

 private:
  std::vector<std::string> titles_;
  std::vector<std::vector<Cell>> rows_;
};

// Filled up with spaces to the width.
std::string padded(std::string_view text, std::size_t width);

}  // namespace annals::replay
