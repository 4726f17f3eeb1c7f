// SPDX-License-Identifier: Apache-2.0
#include "support/await.h"

#include <gtest/gtest.h>

namespace annals::e2e {
namespace {

// The words of one look, also when it could not be taken.
std::string told(const std::function<std::string()>& look) {
  if (!look) return {};
  try {
    return look();
  } catch (const CommandFailed& failure) {
    return failure.what();
  }
}

// Reports it and leaves the test: with every helper between, and no wait after it.
[[noreturn]] void end_the_test(const std::string& message, const std::source_location& where) {
  const auto line = static_cast<int>(where.line());
  ADD_FAILURE_AT(where.file_name(), line) << message;
  throw testing::AssertionException(testing::TestPartResult(
      testing::TestPartResult::kFatalFailure, where.file_name(), line, message.c_str()));
}

std::string deadline_passed(const std::string& what, std::chrono::seconds limit,
                            const std::string& seen, const Waiting& waiting) {
  return "waited " + std::to_string(limit.count()) + " s for " + what + "\nseen last: " + seen +
         "\n" + told(waiting.details);
}

}  // namespace

std::string await(const std::string& what, std::chrono::seconds limit,
                  const std::function<std::string()>& look, const Wanted& wanted,
                  const Waiting& waiting, const std::source_location& where) {
  std::string seen;
  const auto is_there = [&] {
    try {
      seen = look();
      return wanted.Matches(seen);
    } catch (const CommandFailed& failure) {
      seen = std::string("nothing, since ") + failure.what();
      return false;
    }
  };
  if (eventually(limit, is_there, waiting.looking)) return seen;
  std::ostringstream wish;
  wanted.DescribeTo(&wish);
  end_the_test(deadline_passed(what + ", that it " + wish.str(), limit, seen, waiting), where);
}

void await_true(const std::string& what, std::chrono::seconds limit,
                const std::function<bool()>& condition, const std::function<std::string()>& seen,
                const Waiting& waiting, const std::source_location& where) {
  std::string failed;
  const auto is_so = [&] {
    try {
      failed.clear();
      return condition();
    } catch (const CommandFailed& failure) {
      failed = std::string("nothing, since ") + failure.what();
      return false;
    }
  };
  if (eventually(limit, is_so, waiting.looking)) return;
  end_the_test(deadline_passed(what, limit, failed + told(seen), waiting), where);
}

}  // namespace annals::e2e
