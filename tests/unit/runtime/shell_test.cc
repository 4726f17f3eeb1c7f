// The shell without any transport: what is appended is durable at once, what is wanted is noted.
#include "runtime/shell.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "base/concat.h"
#include "runtime/unclaimed.h"

namespace annals::runtime {
namespace {

class StandingClock final : public Clock {
 public:
  Timestamp now() const override { return Timestamp(std::chrono::seconds(1'700'000'000)); }
  Duration steady() const override { return {}; }
};

class DurableAtOnce final : public Appender {
 public:
  Result<void> append(journal::Batch batch, Durable durable) override {
    Result<void> checked = journal::check(batch);
    if (!checked) return checked;
    std::vector<journal::Record> records;
    for (journal::Entry& entry : batch.entries) {
      journal::Record record;
      record.seq = Sequence(++last_);
      record.epoch = entry.epoch;
      record.cluster = std::move(entry.cluster);
      record.kind = entry.kind;
      record.type = std::move(entry.type);
      record.payload = std::move(entry.payload);
      records.push_back(std::move(record));
    }
    durable(std::move(records));
    return {};
  }

 private:
  std::uint64_t last_ = 0;
};

class Noting final : public Carrier {
 public:
  void carry_out(fsm::Intent intent, actions::ClusterIdentity, Ended) override {
    wanted.push_back(std::move(intent));
  }
  std::vector<fsm::Intent> wanted;
};

fsm::SpecObserved spec_of(const std::string& name) {
  return {.name_space = "zoo",
          .name = name,
          .generation = 1,
          .resource = R"({"metadata":{"name":"hippo","namespace":"zoo"},"spec":{}})",
          .actor = {}};
}

fsm::ObjectObserved object(const std::string& kind, const std::string& name,
                           const std::string& uid) {
  return {.ref = {.api_version = "v1", .kind = kind, .name_space = "zoo", .name = name},
          .uid = uid,
          .digest = "d",
          .fields = {},
          .actor = {}};
}

fsm::ObjectGone gone(const fsm::ObjectObserved& object) {
  return {.ref = object.ref, .uid = object.uid};
}

class ShellTest : public testing::Test {
 protected:
  ShellTest()
      : shell_(
            {.journal = journal_, .carrier = carrier_, .clock = clock_, .log = {}, .may_write = [] {
               return true;
             }}) {
    shell_.start(Epoch(1), "tester", {});
  }

  // Names of the objects and pods that this cluster's machines know.
  std::vector<std::string> known_to(const std::string& uid) const {
    std::vector<std::string> names;
    shell_.each([&](const fsm::ClusterState& state) {
      if (state.uid.value() != uid) return;
      for (const auto& [ref, seen] : state.objects) names.push_back(ref.name);
      for (const auto& [name, pod] : state.pods) names.push_back(name);
    });
    return names;
  }

  using Names = std::vector<std::string>;

  StandingClock clock_;
  DurableAtOnce journal_;
  Noting carrier_;
  Shell shell_;
};

TEST_F(ShellTest, TellsAClusterWhatWasSeenOfItBeforeItWasKnown) {
  shell_.observe("zoo", "hippo", object("Service", "hippo-ha", "s"), "uid-1");
  fsm::PodObserved pod;
  pod.name = "hippo-0";
  pod.uid = "p";
  shell_.observe("zoo", "hippo", pod);
  shell_.observe("zoo", "rhino", object("Service", "rhino-ha", "r"), "uid-2");
  shell_.observe(ClusterUid("uid-1"), spec_of("hippo"));
  EXPECT_EQ(known_to("uid-1"), (Names{"hippo-ha", "hippo-0"}));
}

TEST_F(ShellTest, TellsNothingThatHasVanishedMeanwhile) {
  const fsm::ObjectObserved service = object("Service", "hippo-ha", "s");
  shell_.observe("zoo", "hippo", service, "uid-1");
  shell_.observe("zoo", "hippo", gone(service));
  shell_.observe(ClusterUid("uid-1"), spec_of("hippo"));
  EXPECT_EQ(known_to("uid-1"), Names{});
}

TEST_F(ShellTest, KeepsWhatANewNamesakeOwnsUntilItIsKnown) {
  shell_.observe(ClusterUid("uid-1"), spec_of("hippo"));
  const fsm::ObjectObserved lost = object("ConfigMap", "hippo-config", "c");
  shell_.observe("zoo", "hippo", object("Service", "hippo-ha", "s"), "uid-2");
  shell_.observe("zoo", "hippo", lost, "uid-2");
  shell_.observe("zoo", "hippo", gone(lost));
  EXPECT_EQ(known_to("uid-1"), Names{}) << "it belongs to another";
  shell_.observe(ClusterUid("uid-2"), spec_of("hippo"));
  EXPECT_EQ(known_to("uid-2"), Names{"hippo-ha"});
}

TEST_F(ShellTest, TellsEachClusterOfANamespaceWhatAllShare) {
  shell_.observe(ClusterUid("uid-1"), spec_of("hippo"));
  shell_.observe("zoo", "", object("Secret", "pgo-root-cacert", "a"));
  shell_.observe(ClusterUid("uid-2"), spec_of("rhino"));
  EXPECT_EQ(known_to("uid-1"), Names{"pgo-root-cacert"});
  EXPECT_EQ(known_to("uid-2"), Names{"pgo-root-cacert"});
}

TEST(UnclaimedTest, KeepsALimitedNumberOfObjects) {
  Unclaimed unclaimed;
  for (std::size_t i = 0; i < Unclaimed::kMax + 10; ++i)
    unclaimed.keep("zoo", "hippo", object("Service", concat("s", i), concat("u", i)), "");
  EXPECT_EQ(unclaimed.size(), Unclaimed::kMax);
  unclaimed.keep("zoo", "hippo", object("Service", "s7", "another"), "");
  EXPECT_EQ(unclaimed.size(), Unclaimed::kMax) << "news of one that is kept is taken";
  unclaimed.keep("zoo", "hippo", gone(object("Service", "s8", "u8")), "");
  EXPECT_EQ(unclaimed.claim("zoo", "hippo", ClusterUid("any")).size(), Unclaimed::kMax - 1);
  EXPECT_EQ(unclaimed.size(), 0U);
}

// A text that nobody has redacted; the journal takes no such record.
TEST_F(ShellTest, OfAClusterWhoseRecordIsRefusedNothingIsDoneAndOthersGoOn) {
  shell_.observe(ClusterUid("uid-of-hippo"), spec_of("hippo"));
  shell_.observe(ClusterUid("uid-of-lion"), spec_of("lion"));
  EXPECT_EQ(shell_.held(), 0U);
  fsm::ObjectObserved telling = object("Secret", "telling", "u1");
  telling.fields["uri"] = "postgres://hippo:datalake@hippo-primary.zoo.svc:5432/hippo";
  shell_.observe("zoo", "hippo", telling);
  EXPECT_EQ(shell_.held(), 1U);
  shell_.observe("zoo", "hippo", object("Service", "later", "u2"));
  shell_.observe("zoo", "lion", object("Service", "other", "u3"));
  EXPECT_EQ(known_to("uid-of-hippo"), Names{}) << "its state is what is recorded";
  EXPECT_EQ(known_to("uid-of-lion"), Names{"other"});
  bool durable = false;
  shell_.take_snapshots([&] { durable = true; });
  EXPECT_TRUE(durable) << "retention goes on, too";
}

}  // namespace
}  // namespace annals::runtime
