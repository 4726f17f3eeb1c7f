#include "fsm/machines/renewal.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "fsm/text/sentence.h"
#include "tests/unit/fsm/world.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr const char* kServer = "Secret/hippo-cluster-cert";
constexpr const char* kUser = "Secret/hippo-pguser-hippo";

class Renewal : public testing::Test {
 protected:
  void SetUp() override {
    world_.start();
    world_.primary_is_ready();
  }
  std::ptrdiff_t times(const std::string& target) const {
    return std::ranges::count(world_.history(), target);
  }
  void wait(Duration time) {
    world_.pass(time);
    world_.tell(TimerFired{.name = "due"});
  }
  Timestamp checked() const { return world_.state().certificates_checked.value(); }

  World world_;
};

TEST_F(Renewal, EveryCertificateIsCheckedOnceADay) {
  const Timestamp first = checked();
  EXPECT_LE(world_.state().requeue_at.value(), first + kCertificatesChecked);
  wait(kCertificatesChecked);
  EXPECT_GE(checked(), first + kCertificatesChecked);
  for (const char* target : {kServer, "Secret/hippo-replication-cert"})
    EXPECT_EQ(times(target), 2) << target;
  for (const auto& [set, names] : world_.state().instances) {
    for (const std::string& name : names) EXPECT_EQ(times("Secret/" + name + "-certs"), 2) << name;
  }
  EXPECT_EQ(times(kUser), 1) << "it has no certificate";
  wait(kCertificatesChecked - 1min);
  EXPECT_EQ(times(kServer), 2);
  wait(1min);
  EXPECT_EQ(times(kServer), 3);
}

TEST_F(Renewal, ACheckDisturbsNothing) {
  const std::size_t before = world_.history().size();
  world_.pass(kCertificatesChecked);
  world_.tell_only(TimerFired{.name = "due"});
  EXPECT_FALSE(world_.state().conditions.at("Progressing").status)
      << sentence(world_.state().conditions.at("Progressing").message);
  world_.carry_out();
  for (std::size_t i = before; i < world_.history().size(); ++i)
    EXPECT_TRUE(world_.history()[i].starts_with("Secret/")) << world_.history()[i];
}

TEST_F(Renewal, ClustersOfOneOperatorAreNotCheckedAllAtOnce) {
  World other("uid-of-another");
  other.start();
  EXPECT_NE(other.state().certificates_checked, checked());
}

}  // namespace
}  // namespace annals::fsm
