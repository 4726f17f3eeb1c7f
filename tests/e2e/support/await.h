// Waiting for what has to come: each wait has a deadline, and one that passes it says what was
// awaited and what was seen last, and ends the test, so that waits never add up.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gmock/gmock.h>

#include <chrono>
#include <functional>
#include <source_location>
#include <string>

#include "support/shell.h"

namespace annals::e2e {

using Wanted = testing::Matcher<const std::string&>;

/// How often is looked, what else is told when the deadline has passed, and where it is waited.
struct Waiting {
  Looking looking = Looking::kSparing;
  std::function<std::string()> details = {};
};

/// Looks again and again until what is seen is as wanted, and returns it. A look that throws
/// CommandFailed has seen nothing: what cannot be read is never taken for "there is none".
std::string await(const std::string& what, std::chrono::seconds limit,
                  const std::function<std::string()>& look, const Wanted& wanted,
                  const Waiting& waiting = {},
                  const std::source_location& where = std::source_location::current());

/// The same for what is more than one text; `seen` says what there is instead.
void await_true(const std::string& what, std::chrono::seconds limit,
                const std::function<bool()>& condition, const std::function<std::string()>& seen,
                const Waiting& waiting = {},
                const std::source_location& where = std::source_location::current());

}  // namespace annals::e2e
