// A node of script/cluster without power. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace annals::e2e {

/// Off as long as this lives, whatever becomes of the test.
class NodeOff {
 public:
  explicit NodeOff(std::string node);
  ~NodeOff();
  NodeOff(const NodeOff&) = delete;
  NodeOff& operator=(const NodeOff&) = delete;

 private:
  std::string node_;
};

}  // namespace annals::e2e
