#include "fsm/machines/ca_refresh.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "fsm/text/sentence.h"
#include "fsm/view/rendering.h"
#include "tests/unit/fsm/world.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr const char* kServerSecret = "Secret/hippo-cluster-cert";
constexpr const char* kReplicationSecret = "Secret/hippo-replication-cert";

constexpr const char* kOwnServer = R"("customTLSSecret":{"name":"zoo-tls"})";
constexpr const char* kReplication =
    R"("customReplicationTLSSecret":{"name":"zoo-replication","items":[{"key":"c","path":"tls.crt"},)"
    R"({"key":"k","path":"tls.key"},{"key":"a","path":"ca.crt"}]})";

SpecObserved hippo_trusting(const std::string& more) {
  SpecObserved spec = World::hippo();
  spec.resource.pop_back();
  spec.resource.pop_back();
  spec.resource += "," + more + "}}";
  return spec;
}

class CaRefresh : public testing::Test {
 protected:
  std::ptrdiff_t times(const char* target) const {
    return std::ranges::count(world_.history(), target);
  }
  std::string progress() const {
    return sentence(world_.state().conditions.at("Progressing").message);
  }
  std::string told() const {
    const auto found = world_.state().reported_events.find("CustomTLSUnusable");
    return found == world_.state().reported_events.end() ? std::string() : sentence(found->second);
  }
  Rendered rendering() const {
    ClusterState state = world_.state();
    return rendered(state);
  }
  // Whose authorities stand in the ca.crt of this Secret.
  std::vector<std::string> trusted_in(const char* target) const {
    std::vector<std::string> names;
    for (const Wanted& wanted : rendering().wanted) {
      if (wanted.target != target) continue;
      const auto& recipe = std::get<manifests::SecretRecipe>(wanted.content);
      for (const auto& each : std::get<manifests::CertificateSecret>(recipe).also_trusts)
        names.push_back(each.secret + "/" + each.authority_key);
    }
    return names;
  }

  World world_;
};

TEST_F(CaRefresh, EverybodyTrustsAllThatAreBroughtWhicheverThatIs) {
  using Names = std::vector<std::string>;
  world_.start(hippo_trusting(kOwnServer));
  EXPECT_EQ(trusted_in(kReplicationSecret), Names{"zoo-tls/ca.crt"});
  world_.tell(hippo_trusting(kReplication));
  EXPECT_EQ(trusted_in(kServerSecret), Names{"zoo-replication/a"});
  world_.tell(hippo_trusting(std::string(kOwnServer) + "," + kReplication));
  EXPECT_EQ(trusted_in(kServerSecret), (Names{"zoo-tls/ca.crt", "zoo-replication/a"}));
  EXPECT_EQ(trusted_in(kReplicationSecret), trusted_in(kServerSecret));
  world_.tell(World::hippo());
  EXPECT_EQ(trusted_in(kServerSecret), Names{});
}

TEST_F(CaRefresh, TheOperatorKnowsTheServerByTheUsersCertificate) {
  world_.start(hippo_trusting(kReplication));
  EXPECT_EQ(rendering().sql.server, CustomTlsIdentity()) << "the server's is ours";
  world_.tell(hippo_trusting(kOwnServer));
  EXPECT_EQ(rendering().sql.server,
            (CustomTlsIdentity{"hippo-cluster-cert", "zoo-tls", "tls.crt"}));
}

TEST_F(CaRefresh, ACopyIsMadeAgainEveryTenMinutesAndDisturbsNothing) {
  world_.start(hippo_trusting(kOwnServer));
  world_.primary_is_ready();
  ASSERT_EQ(times(kServerSecret), 1);
  world_.pass(9min);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_EQ(times(kServerSecret), 1);
  world_.pass(1min);
  world_.tell_only(TimerFired{.name = "due"});
  EXPECT_FALSE(world_.state().conditions.at("Progressing").status) << progress();
  world_.carry_out();
  EXPECT_EQ(times(kServerSecret), 2);
  EXPECT_EQ(times(kReplicationSecret), 2);
  EXPECT_EQ(world_.state().requeue_at, world_.state().trust_renewed.value() + kCaRefreshInterval);
}

TEST_F(CaRefresh, NobodyLooksWhereNothingIsBrought) {
  world_.start();
  world_.primary_is_ready();
  world_.pass(1h);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_EQ(times(kServerSecret), 1);
  EXPECT_FALSE(world_.state().trust_renewed);
}

TEST_F(CaRefresh, WhatCannotBeUsedIsToldWithItsName) {
  world_.failures[kServerSecret] = "Secret zoo-tls of spec.customTLSSecret has no key ca.crt";
  world_.start(hippo_trusting(kOwnServer));
  EXPECT_NE(progress().find("zoo-tls of spec.customTLSSecret has no key ca.crt"), std::string::npos)
      << progress();
  EXPECT_NE(told().find("zoo-tls of spec.customTLSSecret has no key ca.crt"), std::string::npos);
  world_.failures.clear();
  world_.pass(2s);
  world_.tell(TimerFired{.name = "due"});
  EXPECT_EQ(told(), "");
}

TEST_F(CaRefresh, AClusterThatRunsSaysWhatItsNewCertificatesLack) {
  world_.start();
  world_.primary_is_ready();
  world_.failures[kServerSecret] = "Secret zoo-tls of spec.customTLSSecret does not exist";
  world_.tell(hippo_trusting(kOwnServer));
  EXPECT_NE(progress().find("zoo-tls of spec.customTLSSecret does not exist"), std::string::npos)
      << progress();
  EXPECT_TRUE(world_.state().conditions.at("Ready").status);
}

TEST_F(CaRefresh, ANameOfOursAndItemsThatLackSomethingAreMistakes) {
  world_.start(hippo_trusting(R"("customTLSSecret":{"name":"hippo-cluster-cert"})"));
  EXPECT_NE(progress().find("which the operator writes itself"), std::string::npos) << progress();
  world_.tell(hippo_trusting(R"("customReplicationTLSSecret":{"name":"zoo-tls","items":[)"
                             R"({"key":"crt","path":"tls.crt"},{"key":"key","path":"tls.key"}]})"));
  EXPECT_NE(progress().find("items put nothing at ca.crt"), std::string::npos) << progress();
}

}  // namespace
}  // namespace annals::fsm
