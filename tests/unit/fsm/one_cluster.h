// A cluster and the order in which everything was asked for, for tests of the machine as a whole.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/fsm/world.h"

namespace annals::fsm {

class OneCluster : public testing::Test {
 protected:
  void open() {
    world_.start();
    world_.primary_is_ready();
    ASSERT_EQ(to_string(world_.state().phase), "Done");
  }
  void forget_history() { seen_ = world_.history().size(); }
  std::vector<std::string> asked_since() const {
    return {world_.history().begin() + static_cast<std::ptrdiff_t>(seen_), world_.history().end()};
  }
  std::ptrdiff_t place_of(const std::string& target) const {
    const auto place = std::ranges::find(world_.history(), target);
    EXPECT_NE(place, world_.history().end()) << target;
    return place - world_.history().begin();
  }
  std::string stateful_set() const {
    return "StatefulSet/" + world_.state().instances.at("instance1").front();
  }

  World world_;
  std::size_t seen_ = 0;
};

}  // namespace annals::fsm
