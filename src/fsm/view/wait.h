// Wait: what has to come before a machine goes on.
#pragma once

#include <string>

namespace annals::fsm {

// A question about the state, the answer in words, and what a person can do about it.
struct Wait {
  bool over = false;
  std::string waits_for{};
  std::string cure{};
};

}  // namespace annals::fsm
