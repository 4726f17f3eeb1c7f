// A node of script/cluster without power, or without a network. SPDX-License-Identifier: Apache-2.0
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

/// A node without a network, as long as this lives: its processes run on.
class NodeCut {
 public:
  explicit NodeCut(std::string node);
  ~NodeCut();
  NodeCut(const NodeCut&) = delete;
  NodeCut& operator=(const NodeCut&) = delete;

 private:
  std::string node_;
};

}  // namespace annals::e2e
