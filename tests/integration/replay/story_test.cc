// annals-replay timeline --story, and the history of a pod: what happened, on one screen.
#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>

#include "base/concat.h"
#include "tests/integration/replay/replay_fixture.h"

namespace annals::replay {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(ReplayTest, AStoryTellsWhatWasDoneAndWhoLeadsAndNoWrites) {
  recorder_->primary_is_ready(hippo_);
  lose("Service", "hippo-primary");
  recorder_->carry_out();
  const std::string story = told({"timeline", "--story", "--cluster", "ns/hippo"});
  EXPECT_THAT(story, HasSubstr("spec of hippo: generation 1, by kubectl"));
  EXPECT_THAT(story, HasSubstr(" similar)"));
  EXPECT_THAT(story, HasSubstr("-0 is primary"));
  EXPECT_THAT(story, HasSubstr("desired-set restore: Service/hippo-primary is missing"));
  EXPECT_THAT(story, Not(HasSubstr("apply-object")));
  EXPECT_THAT(story, Not(HasSubstr("intent")));
  EXPECT_LT(std::ranges::count(story, '\n'), 30) << story;
  std::istringstream lines(told({"timeline", "--story", "-o", "json"}));
  for (std::string line; std::getline(lines, line);)
    EXPECT_TRUE(json::parse(line).at("words").is_string());
}

TEST_F(ReplayTest, APodComesAndGoesWithItsStatefulSet) {
  const std::string instance = recorder_->state(hippo_).instances.at("instance1").front();
  const std::string pod = concat("Pod/", instance, "-0");
  EXPECT_THAT(told({"why", pod}), HasSubstr(concat("apply-object StatefulSet/", instance)));
  recorder_->primary_is_ready(hippo_);
  const std::string refusals = told({"why-not", pod});
  EXPECT_THAT(refusals, HasSubstr("has the desired template"));
}

}  // namespace
}  // namespace annals::replay
