// The loop on a real journal: its own coroutine comes by, takes snapshots, and lets what is old go.
#include "runtime/loop.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "fsm/codec/state_codec.h"
#include "history/history.h"
#include "journal/verify.h"
#include "k8s/transport/metrics.h"
#include "k8s/transport/transport.h"
#include "tests/integration/journal/scratch.h"

namespace annals::replay {
namespace {

using namespace std::chrono_literals;

class LoopTest : public ::testing::Test {
 protected:
  LoopTest() {
    journal::Options options;
    options.directory = scratch_ / "journal";
    options.clock = &clock_;
    journal_ = journal::Journal::open(std::move(options)).value();
  }
  ~LoopTest() override {
    if (loop_) loop_->tasks().cancel();
    io_.restart();
    io_.run_for(1s);
  }

  void start(Duration retention_every, bool may_write = true) {
    loop_ = std::make_unique<runtime::Loop>(
        runtime::Loop::Parts{.executor = io_.get_executor(),
                             .journal = *journal_,
                             .actions = actions_,
                             .clock = clock_,
                             .log = {},
                             .may_write = [may_write] { return may_write; },
                             .fatal = [](const std::string& why) { FAIL() << why; },
                             .retention_every = retention_every});
    loop_->start(Epoch(1), "tester", {});
  }

  // Facts without anything to do: before all is listed nothing is decided, so nothing is sent.
  void observe_a_life() {
    loop_->shell().observe(
        hippo_,
        {.name_space = "zoo", .name = "hippo", .generation = 1, .resource = "{}", .actor = {}});
    for (int i = 0; i < 40; ++i) {
      fsm::PodObserved pod;
      pod.name = "hippo-0";
      pod.uid = concat("pod-", i);
      loop_->shell().observe("zoo", "hippo", pod);
    }
    ASSERT_TRUE(await([this] { return state().contains("pod-39"); }));
  }

  // Runs the loop until this holds; false when it does not within a time that is far too long.
  bool await(const std::function<bool()>& holds) {
    const auto until = std::chrono::steady_clock::now() + 30s;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > until) return false;
      io_.restart();
      io_.run_one_for(1s);
    }
    return true;
  }

  std::string state() const {
    std::string text;
    loop_->shell().each([&](const fsm::ClusterState& state) { text = fsm::encode_state(state); });
    return text;
  }
  Sequence expired_before() const {
    const Result<journal::RetentionMark> mark = journal_->reader().retention();
    return mark ? mark->expired_before : Sequence();
  }

  journal::Scratch scratch_;
  ManualClock clock_{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2}};
  boost::asio::io_context io_;
  k8s::ClientMetrics metrics_;
  k8s::Transport transport_{io_.get_executor(), k8s::Config{}, clock_, {}, metrics_};
  k8s::Client client_{transport_};
  actions::NetworkResolver resolver_;
  actions::Executor actions_{client_, clock_, resolver_};
  ClusterUid hippo_{"uid-of-hippo"};
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<runtime::Loop> loop_;
};

TEST_F(LoopTest, LetsOldFactsGoFromTimeToTime) {
  start(20ms);
  observe_a_life();
  EXPECT_EQ(expired_before(), Sequence()) << "they are young";
  clock_.advance(std::chrono::days(40));
  ASSERT_TRUE(await([this] { return expired_before() > Sequence(30); }));
  const Result<history::Recovered> recovered = history::recover(journal_->reader());
  ASSERT_TRUE(recovered) << to_string(recovered.error());
  EXPECT_EQ(fsm::encode_state(recovered->states.at(hippo_)), state())
      << "nothing is lost with them";
}

// They are told a few at a time, each time when the journal has what was told before.
TEST_F(LoopTest, HoweverManyClustersThereAreEachIsToldThatAllIsListed) {
  constexpr int kClusters = 120;
  start(1h, false);
  for (int i = 0; i < kClusters; ++i)
    loop_->shell().observe(ClusterUid(concat("uid-", i)), {.name_space = "zoo",
                                                           .name = concat("hippo-", i),
                                                           .generation = 1,
                                                           .resource = "{}",
                                                           .actor = {}});
  loop_->shell().all_listed();
  const auto told = [this] {
    int count = 0;
    loop_->shell().each([&](const fsm::ClusterState& state) { count += state.synced ? 1 : 0; });
    return count;
  };
  EXPECT_TRUE(await([&] { return told() == kClusters; })) << told();
}

TEST_F(LoopTest, AProcessThatDoesNotLeadLetsNothingGo) {
  start(1ms, false);
  observe_a_life();
  clock_.advance(std::chrono::days(40));
  const auto until = std::chrono::steady_clock::now() + 300ms;
  ASSERT_TRUE(await([&] { return std::chrono::steady_clock::now() > until; }));
  EXPECT_EQ(expired_before(), Sequence());
}

}  // namespace
}  // namespace annals::replay
