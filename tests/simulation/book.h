// Book: what was seen to be wrong in a run, and its timeline in words.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/concat.h"
#include "tests/simulation/schedule.h"

namespace annals::simulation {

// A promise of the operator's that was broken, in words.
struct Violation {
  std::string rule;  // "I1"
  std::string what;

  friend bool operator==(const Violation&, const Violation&) = default;
};

struct Book {
  void accuse(std::string rule, std::string what) {
    if (violations.size() < 20) violations.push_back({std::move(rule), std::move(what)});
  }

  bool verbose = false;
  std::vector<std::pair<Timestamp, std::string>> notes;
  std::vector<Violation> violations;
};

}  // namespace annals::simulation
