#include "k8s/watch/initial_events.h"

#include <gtest/gtest.h>

namespace annals::k8s {
namespace {

using namespace std::chrono_literals;

ApiError refused(int status) {
  ApiError error;
  error.trouble = Trouble::kRefused;
  error.status = status;
  return error;
}

class Wish : public testing::Test {
 protected:
  // Asks, and the stream ends like that; whether pages are to be tried at once.
  bool ends(StreamEnd how, const ApiError& error = {}, bool opened = true, Duration lasted = 1s) {
    events_.begin(0s);
    EXPECT_TRUE(events_.under_way());
    return events_.ended(how, error, opened, lasted);
  }

  InitialEvents events_{true, 10s, 5min};
};

TEST_F(Wish, IsGivenUpForGoodWhereTheServerRefusesIt) {
  for (const int status : {400, 422}) {
    InitialEvents events(true, 10s, 5min);
    events.begin(0s);
    EXPECT_TRUE(events.ended(StreamEnd::kBroken, refused(status), false, 0s));
    events.all_came();
    EXPECT_FALSE(events.wanted()) << status;
  }
}

TEST_F(Wish, IsGivenUpForGoodWhereTheEndIsNeverTold) {
  EXPECT_TRUE(ends(StreamEnd::kSilent));
  events_.all_came();
  EXPECT_FALSE(events_.wanted());
  InitialEvents busy(true, 10s, 5min);
  busy.begin(0s);
  EXPECT_TRUE(busy.ended(StreamEnd::kClosed, {}, true, 5min)) << "objects came all the time";
  EXPECT_FALSE(busy.wanted());
}

TEST_F(Wish, OutlivesOutagesAndWhatElseTheServerMayAnswer) {
  for (const int status : {0, 401, 403, 404, 410, 429, 500, 503}) {
    EXPECT_FALSE(ends(StreamEnd::kBroken, refused(status), false, 0s)) << status;
    EXPECT_TRUE(events_.wanted()) << status;
  }
}

TEST_F(Wish, RestsForOneListWhenStreamsKeepBreakingOff) {
  EXPECT_FALSE(ends(StreamEnd::kBroken));
  EXPECT_FALSE(ends(StreamEnd::kClosed));
  EXPECT_TRUE(ends(StreamEnd::kExpired));
  EXPECT_FALSE(events_.wanted());
  events_.all_came();
  EXPECT_TRUE(events_.wanted());
  EXPECT_FALSE(ends(StreamEnd::kBroken)) << "counted anew";
}

TEST_F(Wish, WaitsForTheNextObjectNotForAll) {
  events_.begin(100s);
  EXPECT_EQ(events_.patience(104s), 6s);
  events_.object_came(109s);
  EXPECT_FALSE(events_.overdue(118s));
  events_.excuse(3s);
  EXPECT_FALSE(events_.overdue(121s)) << "the time of the observer";
  EXPECT_TRUE(events_.overdue(122s));
  EXPECT_GT(events_.patience(200s), 0s);
  events_.all_came();
  EXPECT_FALSE(events_.overdue(999s));
}

TEST(InitialEvents, ThatAreSwitchedOffAreNotWanted) {
  EXPECT_FALSE(InitialEvents(false, 10s, 5min).wanted());
}

}  // namespace
}  // namespace annals::k8s
