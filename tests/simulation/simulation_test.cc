#include <gtest/gtest.h>

#include <set>

#include "base/concat.h"
#include "tests/simulation/run.h"
#include "tests/simulation/timeline.h"

namespace annals::simulation {

void PrintTo(const Scenario& scenario, std::ostream* out) { *out << scenario.name; }

namespace {

class EachScenario : public testing::TestWithParam<Scenario> {
 protected:
  // Where the sanitizers look a sample is enough; they take ten times as long.
#ifdef ANNALS_SANITIZED
  static constexpr std::uint64_t kStride = 16;
#else
  static constexpr std::uint64_t kStride = 1;
#endif
};

INSTANTIATE_TEST_SUITE_P(Of, EachScenario, testing::ValuesIn(scenarios()), [](const auto& info) {
  std::string name = info.param.name;
  std::erase(name, '-');
  return name;
});

TEST_P(EachScenario, DoesWhatIsAskedForWithoutFaults) {
  const Report& report = reference(GetParam());
  if (!report.violations.empty()) FAIL() << explain_failure(GetParam(), 0, {});
  EXPECT_GT(report.records, 0U);
  EXPECT_FALSE(report.end.empty());
}

TEST_P(EachScenario, IsTheFoldOfItsJournalAfterEveryEvent) {
  const Report report = run(GetParam(), 0, {}, {.fold_always = true});
  for (const Violation& violation : report.violations)
    ADD_FAILURE() << violation.rule << ": " << violation.what;
}

TEST_P(EachScenario, GivesTheSameJournalFromTheSameSeed) {
  const Plan plan = plan_of(GetParam(), 7);
  const Report one = run(GetParam(), 7, plan);
  const Report other = run(GetParam(), 7, plan);
  ASSERT_EQ(one.disks.size(), other.disks.size());
  for (std::size_t place = 0; place < one.disks.size(); ++place)
    EXPECT_EQ(one.disks[place].frames(), other.disks[place].frames());
}

// Every place where a crash leaves other things behind than a crash just before it.
TEST_P(EachScenario, SurvivesACrashAtEachBoundary) {
  const Report& undisturbed = reference(GetParam());
  std::map<std::string, int> crashed;
  for (std::uint64_t at = 1; at <= undisturbed.extent.boundaries; at += kStride) {
    const Plan plan{{.kind = FaultKind::kCrash, .at = at, .argument = at % 3, .length_ms = 0}};
    const Report report = run(GetParam(), 0, plan);
    ASSERT_TRUE(report.violations.empty()) << explain_failure(GetParam(), 0, plan);
    ASSERT_EQ(report.crashed_at.size(), 1U) << "boundary " << at << " was not met";
    crashed[report.crashed_at.front()] += 1;
  }
  if (kStride > 1) return;
  EXPECT_EQ(crashed, undisturbed.boundaries) << "a kind of boundary was not covered entirely";
}

}  // namespace
}  // namespace annals::simulation
