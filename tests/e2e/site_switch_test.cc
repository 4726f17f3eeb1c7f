// A switch of sites, there and back, twice: two edits each, and nobody gives anything up. A writer
// goes to whoever takes writes, and a prober asks both all the time. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "support/sites.h"

namespace annals::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

class SiteSwitch : public Sites {
 protected:
  static void SetUpTestSuite() { make_sites(); }
  static void TearDownTestSuite() { end_sites(); }

  /// Each follows the other one, and both are asked to lead at once.
  static void change_with_both_asked(const std::string& from, const std::string& to) {
    ask_to_follow(from, to);
    for (const std::string& site : {from, to})
      await_condition_of(site, "Standby", "Following", 240s);
    ask_to_lead(from);
    ask_to_lead(to);
    await_condition_of(to, "Ready", "PrimaryReady", 120s);
    at(from);
    await("what the other one waits for", 60s,
          [&] { return condition(from, "Standby", "message"); }, HasSubstr("takes writes"),
          {.details = trouble_of_sites});
    EXPECT_EQ(condition(from, "Standby", "reason"), "Promoting");
    ask_to_follow(from, to);
    await_switched(from, to);
  }
};

TEST_F(SiteSwitch, ThereAndBackTwiceLosesNothingAndNeverHasTwoPrimaries) {
  SiteWriter writer(addresses());
  SiteProber prober(addresses());
  await("rows of the writer", 60s, [&] { return std::to_string(writer.acknowledged().size()); },
        Not("0"), {.details = trouble_of_sites});
  const auto change = [&](const char* from, const char* to, First first) {
    (void)writer.longest_gap_s();
    switch_sites(from, to, first);
    EXPECT_LT(writer.longest_gap_s(), 60) << "nobody took writes for so long";
  };
  change(kHeron, kEgret, First::kPromotion);
  change(kEgret, kHeron, First::kPromotion);
  change(kHeron, kEgret, First::kDemotion);
  change_with_both_asked(kEgret, kHeron);
  writer.stop();
  prober.stop();
  EXPECT_EQ(prober.both_writable(), 0);
  EXPECT_GT(prober.answered_by_all(), 200);
  const std::set<long> acknowledged = writer.acknowledged();
  const std::set<long> kept = stored_beats(address(kHeron));
  EXPECT_TRUE(std::ranges::includes(kept, acknowledged))
      << acknowledged.size() << " were acknowledged, and " << kept.size() << " are there";
}

TEST_F(SiteSwitch, IsToldByBothAndNeedsNoConsent) {
  for (const char* site : {kHeron, kEgret}) {
    at(site);
    EXPECT_THAT(events(site), HasSubstr("StandbyDemoted"));
    EXPECT_THAT(events(site), HasSubstr("StandbyPromoted"));
    EXPECT_THAT(events(site), HasSubstr("ShutdownReceiptWritten"));
    EXPECT_THAT(events(site), Not(HasSubstr("StandbyPromotionUnproven")));
    EXPECT_THAT(events(site), Not(HasSubstr("StandbyPromotionForced")));
    expect_verified();
  }
  at(kHeron);
  EXPECT_EQ(superuser(kHeron, "select timeline_id from pg_control_checkpoint()"), "5");
  EXPECT_EQ(condition(kHeron, "RepositoryPlaceTaken", "status"), "");
}

}  // namespace
}  // namespace annals::e2e
