// annals-replay compare and what-if: what another version, another spec or another configuration
// would decide.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "tests/integration/replay/replay_fixture.h"

namespace annals::replay {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(ReplayTest, AnotherVersionsDecisionsAreCompared) {
  EXPECT_EQ(ask_journal({"compare", ANNALS_REPLAY}).status, kFine);
  // A version that says less, and one that is none.
  const std::string silent = scratch_ / "silent";
  std::ofstream(silent) << "#!/bin/sh\n" ANNALS_REPLAY " \"$@\" | sed '/restore\\|create/d'\n";
  std::filesystem::permissions(silent, std::filesystem::perms::owner_all);
  const Answer answer = ask_journal({"compare", silent});
  EXPECT_EQ(answer.status, kDifferences) << answer.errors;
  EXPECT_THAT(answer.out, HasSubstr("ours    {"));
  const Answer none = ask_journal({"compare", "/bin/false"});
  EXPECT_EQ(none.status, kNotFound);
  EXPECT_THAT(none.errors, HasSubstr("it must be an annals-replay"));
  EXPECT_EQ(ask_journal({"compare", scratch_ / "nowhere"}).status, kNotFound);
}

TEST_F(ReplayTest, WhatIfTellsOnlyWhatAChangeMakesDifferent) {
  recorder_->primary_is_ready(hippo_);
  const Sequence at = recorder_->journal().head().seq;
  lose("Service", "hippo-primary");
  recorder_->carry_out();
  const std::string file = scratch_ / "patch.json";
  std::ofstream(file) << concat(R"({"at":)", at.next(),
                                R"(,"spec":{"users":[{"name":"rhino","databases":["zoo"]}]}})");
  const Answer answer = ask_journal({"what-if", "--patch", file});
  EXPECT_EQ(answer.status, kDifferences) << answer.errors;
  EXPECT_THAT(answer.out, HasSubstr("+ desired-set create: Secret/hippo-pguser-rhino"));
  EXPECT_THAT(answer.out, Not(HasSubstr("restore")))
      << "what is decided with and without the change is not told";
  std::ofstream(file) << concat(R"({"at":)", at.next(), R"(,"spec":{}})");
  EXPECT_EQ(ask_journal({"what-if", "--patch", file}).status, kFine);
  std::ofstream(file) << R"({"at":"soon","spec":{}})";
  EXPECT_THAT(ask_journal({"what-if", "--patch", file}).errors, HasSubstr("at: 'soon' is neither"));
}

TEST_F(ReplayTest, WhatIfChangesTheOperatorsImages) {
  const std::string file = scratch_ / "patch.json";
  std::ofstream(file)
      << R"({"at":1,"configuration":{"images":{"RELATED_IMAGE_POSTGRES_15":"postgres:15.9"}}})";
  const Answer answer = ask_journal({"what-if", "--patch", file, "-o", "json"});
  EXPECT_EQ(answer.status, kDifferences) << answer.errors;
  EXPECT_THAT(answer.out, HasSubstr("StatefulSet/hippo-instance1"));
  EXPECT_THAT(answer.out, Not(HasSubstr("Service/hippo-primary")));
}

}  // namespace
}  // namespace annals::replay
