// annals-replay why, why-not, blockers and step: what a person asks in an incident.
#include <gmock/gmock.h>

#include <sstream>

#include "tests/integration/replay/replay_fixture.h"

namespace annals::replay {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

TEST_F(ReplayTest, WhyEndsInAPersonOrATool) {
  lose("Service", "hippo-primary");
  recorder_->carry_out();
  const std::string why = told({"why", "Service/hippo-primary"});
  EXPECT_THAT(why, HasSubstr("is missing: it was deleted by someone else"));
  EXPECT_THAT(why, HasSubstr("fact  Service/hippo-primary deleted"));
  EXPECT_THAT(why, HasSubstr("requested by kubectl (Apply at 2026-01-02T00:00:00Z)"));
  EXPECT_THAT(why, HasSubstr("result"));
  const json chains = told_json({"why", "Service/hippo-primary"});
  ASSERT_EQ(chains.size(), 2U) << "made once, mended once";
  EXPECT_EQ(chains[1].at("causes")[0].at("kind"), "decision");
  EXPECT_EQ(chains[1].at("causes").back().at("cause"), 0);
  EXPECT_EQ(ask_journal({"why", "Service/unknown"}).status, kNotFound);
}

TEST_F(ReplayTest, EveryWriteIsAskedForBySomebody) {
  lose("Service", "hippo-primary");
  recorder_->carry_out();
  recorder_->primary_is_ready(hippo_);
  recorder_->start_operator();
  std::istringstream lines(told({"records", "--kind", "intent"}));
  for (std::string line; std::getline(lines, line);) {
    const std::string target = json::parse(line).at("payload").at("target");
    for (const json& chain : told_json({"why", target}))
      EXPECT_THAT(chain.at("askedForBy"), HasSubstr("kubectl (Apply")) << target;
  }
}

TEST_F(ReplayTest, WhyNotTellsTheRefusalsAndThePredicates) {
  const std::string provision = told({"why-not", "primary-is-running"});
  EXPECT_THAT(provision, HasSubstr("not-yet-primary-is-running"));
  EXPECT_THAT(provision, HasSubstr("waiting for a primary"));
  EXPECT_THAT(provision, HasSubstr("does not hold: primary-is-running"));
  recorder_->failures["ConfigMap/hippo-config"] = "403 Forbidden";
  lose("ConfigMap", "hippo-config");
  recorder_->carry_out();
  const std::string object = told({"why-not", "ConfigMap/hippo-config"});
  EXPECT_THAT(object, HasSubstr("NO   ConfigMap/hippo-config is not waiting for a retry"));
  EXPECT_THAT(object, HasSubstr("403 Forbidden"));
  EXPECT_EQ(ask_journal({"why-not", "no-such-thing"}).status, kNotFound);
}

TEST_F(ReplayTest, WhyNotSaysWhatAPodsTemplateWaitsFor) {
  recorder_->primary_is_ready(hippo_);
  const std::string instance = recorder_->state(hippo_).instances.at("instance1").front();
  const std::string pod = "Pod/" + instance + "-0";
  const std::string no = "NO   all pod templates are up to date: waiting for ";
  EXPECT_THAT(
      told({"why-not", pod}),
      HasSubstr(no + "the StatefulSet controller to report the updateRevision of StatefulSet/" +
                instance));
  recorder_->failures["ConfigMap/hippo-config"] = "403 Forbidden";
  lose("ConfigMap", "hippo-config");
  recorder_->carry_out();
  EXPECT_THAT(told({"why-not", pod}),
              HasSubstr(no + "ConfigMap/hippo-config to be in its desired state"));
}

TEST_F(ReplayTest, BlockersSayUntilWhenAndWhatHelps) {
  const json blockers = told_json({"blockers"});
  ASSERT_EQ(blockers.size(), 1U);
  EXPECT_EQ(blockers[0].at("name"), "ns/hippo");
  EXPECT_THAT(blockers[0].at("blocker").at("waitsFor"), HasSubstr("a primary"));
  EXPECT_THAT(told({"blockers"}), HasSubstr("REMEDY"));
  recorder_->primary_is_ready(hippo_);
  EXPECT_EQ(told({"blockers"}), "no cluster is blocked\n");
}

TEST_F(ReplayTest, AHistoryIsSteppedThroughWithBreakpoints) {
  lose("Service", "hippo-primary");
  recorder_->carry_out();
  const Answer answer = ask({"step", "--journal", directory_},
                            "next\nbreak type object-gone\nrun\ninputs\nhash\nrun\nbad\nquit\n");
  ASSERT_EQ(answer.status, kFine) << answer.errors;
  EXPECT_THAT(answer.out, HasSubstr("operator pod-1 started"));
  EXPECT_THAT(answer.out, HasSubstr("desired-set restore: Service/hippo-primary is missing"));
  EXPECT_THAT(answer.out, HasSubstr("NO   in-place (Service/hippo-primary)"));
  EXPECT_THAT(answer.out, HasSubstr("end of the records\n"));
  EXPECT_THAT(answer.out, HasSubstr("unknown command 'bad'"));
  const Answer to_the_end = ask({"step", "--journal", directory_}, "run\nhash\n");
  EXPECT_THAT(to_the_end.out, HasSubstr(told({"state", "--hash"})));
  const Answer transition =
      ask({"step", "--journal", directory_}, "run transition objects-in-place\nstate\nq\n");
  EXPECT_THAT(transition.out, HasSubstr("\"phase\": \"Starting\""));
}

}  // namespace
}  // namespace annals::replay
