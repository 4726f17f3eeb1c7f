// SPDX-License-Identifier: Apache-2.0
#include "support/node_off.h"

#include <gtest/gtest.h>

#include <chrono>
#include <utility>

#include "support/shell.h"

namespace annals::e2e {

NodeOff::NodeOff(std::string node) : node_(std::move(node)) {
  must("script/cluster node stop " + node_);
}

// It waits until the node is ready.
NodeOff::~NodeOff() {
  const Output started = run("script/cluster node start " + node_, std::chrono::seconds{240});
  EXPECT_EQ(started.status, 0) << started.out << started.err;
}

NodeCut::NodeCut(std::string node) : node_(std::move(node)) {
  must("script/cluster node isolate " + node_);
}

NodeCut::~NodeCut() {
  const Output mended = run("script/cluster node rejoin " + node_);
  EXPECT_EQ(mended.status, 0) << node_ << " stays cut off: " << mended.err;
}

}  // namespace annals::e2e
