#include "tests/simulation/simulation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "base/concat.h"
#include "tests/simulation/crashes.h"
#include "tests/simulation/regressions.h"
#include "tests/simulation/run.h"
#include "tests/simulation/timeline.h"

namespace annals::simulation {

void PrintTo(const Scenario& scenario, std::ostream* out) { *out << scenario.name; }

namespace {

// What an explanation may end in: something that came from outside.
bool is_external(const journal::Record& record) {
  return record.cause == Sequence() &&
         (record.kind == journal::Kind::kFact || record.kind == journal::Kind::kMarker);
}

void expect_explanations(const Report& report) {
  for (const Disk& disk : report.disks) {
    const Result<std::vector<journal::Record>> records = disk.read();
    ASSERT_TRUE(records.has_value());
    for (const journal::Record& record : *records) {
      if (record.kind != journal::Kind::kIntent) continue;
      const journal::Record* at = &record;
      while (at->cause != Sequence()) at = &(*records)[at->cause.value() - 1];
      EXPECT_TRUE(is_external(*at)) << "record " << to_string(record.seq) << " goes back to "
                                    << to_string(at->seq) << ", " << at->type;
    }
  }
}

class EachScenario : public testing::TestWithParam<Scenario> {
 protected:
  // Where the sanitizers look a sample is enough; they take ten times as long.
#if defined(ANNALS_SANITIZED)
  static constexpr std::uint64_t kStride = 16;
  static constexpr std::uint64_t kCrashes = 10;
#else
  static constexpr std::uint64_t kStride = 1;
  static constexpr std::uint64_t kCrashes = 250;
#endif
  static bool is_long() { return std::getenv("ANNALS_TEST_LONG") != nullptr; }
  // So that about kCrashes of its boundaries are tried; with ANNALS_TEST_LONG all. Of two sites
  // fewer: most of that is played with one site, too.
  static std::uint64_t stride_of(const Report& report) {
    if (is_long()) return 1;
    const std::uint64_t crashes = GetParam().sites() > 1 ? kCrashes / 3 : kCrashes;
    std::uint64_t boundaries = 0;
    for (const auto& [what, count] : report.boundaries)
      boundaries += static_cast<std::uint64_t>(count);
    return 1 + boundaries / crashes;
  }
};

INSTANTIATE_TEST_SUITE_P(Of, EachScenario, testing::ValuesIn(scenarios()), [](const auto& info) {
  std::string name = info.param.name;
  std::erase(name, '-');
  return name;
});

TEST_P(EachScenario, DoesWhatIsAskedForWithoutFaults) {
  const Report& report = reference(GetParam());
  if (!report.violations.empty()) FAIL() << explain_failure(GetParam(), 0, {});
  expect_explanations(report);
  EXPECT_GT(report.records, 0U);
  EXPECT_EQ(report.end.empty(), GetParam().ends_empty);
}

TEST_P(EachScenario, IsTheFoldOfItsJournalAfterEveryEvent) {
  const Report report = run(GetParam(), 0, {}, {.fold_each = kStride});
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

// What rests is packed, and unpacked for the next event; nobody else can tell.
TEST_P(EachScenario, GivesTheSameJournalWhenClustersRestInBetween) {
  const Plan plan = plan_of(GetParam(), 7);
  const Report awake = run(GetParam(), 7, plan);
  const Report resting = run(GetParam(), 7, plan, {.evict_each = 3 * kStride});
  for (const Violation& violation : resting.violations)
    ADD_FAILURE() << violation.rule << ": " << violation.what;
  ASSERT_EQ(awake.disks.size(), resting.disks.size());
  for (std::size_t place = 0; place < awake.disks.size(); ++place)
    EXPECT_EQ(awake.disks[place].frames(), resting.disks[place].frames());
}

// Places where a crash leaves other things behind than a crash just before it, spread over the run
// for each kind of them. Random faults have crashes as well.
TEST_P(EachScenario, SurvivesACrashAtEachBoundary) {
  const Report& without = reference(GetParam());
  const std::uint64_t stride = stride_of(without);
  const Crashes crashes = crash_everywhere(GetParam(), stride);
  if (crashes.failed) FAIL() << explain_failure(GetParam(), 0, *crashes.failed);
  std::map<std::string, int, std::less<>> expected;
  for (const auto& [what, count] : without.boundaries)
    expected[what] = static_cast<int>((static_cast<std::uint64_t>(count) + stride - 1) / stride);
  EXPECT_EQ(crashes.boundaries, expected);
  EXPECT_FALSE(expected.empty());
}

// 20,000 seeds over all scenarios; ANNALS_TEST_LONG takes ten times as many. Some are also asked
// why each write was made.
TEST_P(EachScenario, KeepsItsPromisesUnderRandomFaults) {
  constexpr std::uint64_t kExplained = 20;
  constexpr std::uint64_t kAll = 20'000;
  const std::uint64_t longer = is_long() ? 10 : 1;
  const std::uint64_t seeds = (kAll / scenarios().size() + 1) * longer / kStride;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const Plan plan = plan_of(GetParam(), seed);
    const Report report = run(GetParam(), seed, plan);
    ASSERT_TRUE(report.violations.empty()) << explain_failure(GetParam(), seed, plan);
    if (seed <= kExplained) expect_explanations(report);
  }
}

TEST(Simulation, DoesNotFindAgainWhatItHasFound) {
  for (const Regression& each : regressions()) {
    const Scenario& scenario = *find_scenario(each.scenario);
    const Report report = run(scenario, each.seed, each.plan);
    EXPECT_TRUE(report.violations.empty()) << each.what << "\n"
                                           << explain_failure(scenario, each.seed, each.plan);
  }
}

// ---- A cluster at which nothing happens

constexpr auto kResting = std::chrono::hours(3);

// From the twenty-first minute after the end of the scenario: until looks are due for the first
// time they do not stand.
struct Rest {
  int looks = 0;
  std::vector<journal::Record> records;
};

Rest rest_of(const std::string& name, const std::vector<std::string>& looks) {
  const Scenario& scenario = *find_scenario(name);
  Simulation simulation(scenario, 0, {}, {.verbose = true, .is_reference = true});
  simulation.play();
  Schedule& schedule = simulation.schedule();
  const Timestamp from = schedule.now() + std::chrono::minutes(21);
  while (schedule.next_time() < from + kResting) schedule.step();
  const Report report = std::move(simulation).report();
  Rest rest;
  for (const auto& [at, note] : report.notes) {
    const bool is_look = std::ranges::any_of(
        looks, [&](const std::string& look) { return note.contains(look + " -> done"); });
    rest.looks += at >= from && is_look ? 1 : 0;
  }
  const Result<std::vector<journal::Record>> records = report.disks.front().read();
  EXPECT_TRUE(records.has_value());
  for (const journal::Record& record : *records)
    if (record.time >= from) rest.records.push_back(record);
  return rest;
}

// Its repository and its archiver are looked at six times an hour each.
TEST(Simulation, ARestingClusterHasNoRecords) {
  const Rest rest = rest_of("manual-backup", {"repository/repo1", "sql/archiver"});
  EXPECT_GE(rest.looks, 2 * 3 * 6 - 2);
  for (const journal::Record& record : rest.records)
    ADD_FAILURE() << record.type << ": " << record.payload;
}

// It is looked at six times a minute, and its source writes nothing.
TEST(Simulation, ARestingStandbyHasNoRecords) {
  const Rest rest = rest_of("standby", {"sql/standby"});
  EXPECT_GE(rest.looks, 3 * 60 * 5);
  for (const journal::Record& record : rest.records)
    ADD_FAILURE() << record.type << ": " << record.payload;
}

// ---- Published bugs of others

// known_bugs.md names scenarios as `scenario-name` in the lines that say "scenario".
TEST(Simulation, HasTheScenariosThatTheListOfPublishedBugsNames) {
  std::ifstream list(SIMULATION_SOURCES "/known_bugs.md");
  const std::regex name("`([a-z-]+)`");
  int named = 0;
  for (std::string line; std::getline(list, line);) {
    const std::size_t from = line.rfind("| ");
    const std::string cell = from == std::string::npos ? std::string() : line.substr(from);
    const std::size_t to = std::min(cell.find("; "), cell.size());
    if (!cell.starts_with("| scenario ")) continue;
    const std::string scenarios = cell.substr(0, to);
    for (std::sregex_iterator at(scenarios.begin(), scenarios.end(), name), end; at != end; ++at) {
      EXPECT_NE(find_scenario((*at)[1]), nullptr) << line;
      ++named;
    }
  }
  EXPECT_GT(named, 20);
}

// ---- Secrets

std::string base64_of(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string coded;
  for (std::size_t i = 0; i + 2 < text.size(); i += 3) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned bits = static_cast<unsigned>(byte(i) << 16U) |
                          static_cast<unsigned>(byte(i + 1) << 8U) | byte(i + 2);
    for (unsigned shift = 24; shift > 0; shift -= 6)
      coded += kDigits[(bits >> (shift - 6)) & 0x3fU];
  }
  return coded;
}

std::string url_escaped(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    escaped += '%';
    escaped += kHex[byte >> 4U];
    escaped += kHex[byte & 0xfU];
  }
  return escaped;
}

TEST(Simulation, WritesNoSecretOfASpecIntoTheJournal) {
  const Scenario& scenario = *find_scenario("canaries");
  const Report& report = reference(scenario);
  ASSERT_TRUE(report.violations.empty()) << explain_failure(scenario, 0, {});
  std::string all;
  for (const Disk& disk : report.disks) {
    for (const std::string& frame : disk.frames()) all += frame;
    for (const std::string& blob : disk.blobs()) all += blob;
  }
  ASSERT_FALSE(all.empty());
  std::vector<std::string> secrets = canaries();
  secrets.emplace_back(kCanary);  // part of all that is in Secrets
  for (const std::string& canary : secrets) {
    EXPECT_FALSE(all.contains(canary)) << canary;
    EXPECT_FALSE(all.contains(base64_of(canary))) << canary << " in base64";
    EXPECT_FALSE(all.contains(url_escaped(canary))) << canary << " with escapes of URLs";
    EXPECT_FALSE(all.contains("moon7f%21x%21")) << canary << " partly escaped";
  }
}

}  // namespace
}  // namespace annals::simulation
