// What a restart goes on from: the operator's own sequence writes a journal with snapshots, and
// every state that is folded from it, at any record, is the one that was (I6).
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <deque>
#include <optional>
#include <random>

#include "base/log.h"
#include "fsm/codec/codec.h"
#include "fsm/codec/state_codec.h"
#include "history/history.h"
#include "history/snapshots.h"
#include "journal/layout.h"
#include "journal/retention.h"
#include "journal/store.h"
#include "journal/verify.h"
#include "runtime/shell.h"
#include "tests/integration/journal/scratch.h"
#include "tests/integration/replay/recorder.h"
#include "verify.h"

namespace annals::replay {
namespace {

using namespace std::chrono_literals;

constexpr int kRecordsPerSnapshot = 25;

// A real journal, and a world that does what it is asked; everything waits in one queue.
class Outside final : public runtime::JournalSink, public runtime::IntentRunner {
 public:
  explicit Outside(journal::Journal& journal) : journal_(journal) {}

  Result<void> append(journal::Batch batch, Durable durable) override {
    snapshots += batch.snapshots.size();
    Result<std::vector<journal::Record>> records = journal_.append_and_wait(std::move(batch));
    ANNALS_ASSERT(records.has_value(), to_string(records.error()));
    todo_.emplace_back([durable = std::move(durable), records = std::move(*records)]() mutable {
      durable(std::move(records));
    });
    return {};
  }
  void carry_out(fsm::Intent intent, actions::ClusterIdentity, Ended ended) override {
    fsm::Outcome outcome;
    outcome.intent = intent.id;
    const std::string target = fsm::target_of(intent.action);
    outcome.uid = "uid-of-" + target;
    outcome.digest = sha256_hex(target);
    if (target == "Service/hippo-ha") outcome.fields.service.edit().cluster_ip = "10.0.0.7";
    todo_.emplace_back([ended = std::move(ended), outcome] { ended(outcome); });
  }
  void settle() {
    while (!todo_.empty()) {
      auto next = std::move(todo_.front());
      todo_.pop_front();
      next();
    }
  }

  std::size_t snapshots = 0;

 private:
  journal::Journal& journal_;
  std::deque<std::move_only_function<void()>> todo_;
};

class RecoveryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    open();
    shell_->start(Epoch(1), "first", config());
    shell_->observe(hippo_, spec());
    shell_->all_listed();
    outside_->settle();
    live_for(15);
  }

  void open() {
    journal::Options options;
    options.directory = directory_;
    options.clock = &clock_;
    journal_ = journal::Journal::open(std::move(options)).value();
    outside_ = std::make_unique<Outside>(*journal_);
    shell_ = std::make_unique<runtime::Shell>(
        runtime::Shell::Parts{.journal = *outside_,
                              .runner = *outside_,
                              .clock = clock_,
                              .log = log_,
                              .may_write = [] { return true; },
                              .records_per_snapshot = kRecordsPerSnapshot});
  }
  // A new process on the same journal.
  void restart() {
    shell_.reset();
    outside_.reset();
    journal_.reset();
    open();
    history::Recovered recovered = history::recover(journal_->reader()).value();
    for (auto& [uid, state] : recovered.states)
      shell_->recover(std::move(state), recovered.tails[uid]);
  }
  void live_for(int rounds) {
    for (int i = 0; i < rounds; ++i) {
      clock_.advance(11min);
      shell_->observe("ns", "hippo",
                      fsm::ObjectGone{.ref = {.api_version = "v1",
                                              .kind = "Service",
                                              .name_space = "ns",
                                              .name = "hippo-primary"},
                                      .uid = "uid-of-Service/hippo-primary"});
      shell_->fire_timers();
      outside_->settle();
    }
  }

  static fsm::OperatorConfigured config() {
    return {.version = "test",
            .name_space = "operators",
            .images = {{"RELATED_IMAGE_POSTGRES_15", "postgres:15"},
                       {"RELATED_IMAGE_PGBACKREST", "pgbackrest"}},
            .behaviour = fsm::kBehaviour};
  }
  static fsm::SpecObserved spec() {
    return {
        .name_space = "ns",
        .name = "hippo",
        .generation = 1,
        .deleting = false,
        .resource =
            R"({"metadata":{"name":"hippo","namespace":"ns"},"spec":{"postgresVersion":15,"instances":[)"
            R"({"name":"instance1","dataVolumeClaimSpec":{"accessModes":["ReadWriteOnce"],"resources":)"
            R"({"requests":{"storage":"1Gi"}}}}]}})",
        .actor = {.manager = "kubectl", .operation = "Apply", .time = "2026-01-02T00:00:00Z"}};
  }

  std::string live_state() const {
    std::string text;
    shell_->each([&](const fsm::ClusterState& state) { text = fsm::encode_state(state); });
    return text;
  }
  // From the first record on, whatever snapshots there are.
  std::string folded_from_the_beginning(Sequence to) const {
    fsm::ClusterState state = fsm::initial_state(hippo_);
    const Result<void> scanned =
        journal_->reader().scan(hippo_, Sequence(1), to, [&](journal::Record&& record) {
          if (history::is_input(record))
            state = fsm::step(std::move(state), history::event_of(record).value()).state;
          return true;
        });
    EXPECT_TRUE(scanned.has_value());
    return fsm::encode_state(state);
  }
  std::string folded(Sequence to = history::kNewest) const {
    const Result<fsm::ClusterState> state = history::fold(journal_->reader(), hippo_, to);
    EXPECT_TRUE(state.has_value()) << to_string(state.error());
    return state ? fsm::encode_state(*state) : "";
  }
  Sequence last() const { return journal_->head().seq; }

  journal::Scratch scratch_;
  std::string directory_ = scratch_ / "journal";
  ManualClock clock_{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2}};
  Log log_{log_to_stderr(), clock_, LogLevel::kError};
  ClusterUid hippo_{"uid-of-hippo"};
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<Outside> outside_;
  std::unique_ptr<runtime::Shell> shell_;
};

TEST_F(RecoveryTest, AFoldIsTheLiveStateAtTheEndAndTheFullFoldEverywhere) {
  ASSERT_GT(outside_->snapshots, 3U);
  EXPECT_EQ(folded(), live_state());
  std::mt19937_64 dice(6);
  for (int i = 0; i < 200; ++i) {
    const Sequence to(1 + dice() % last().value());
    ASSERT_EQ(folded(to), folded_from_the_beginning(to)) << "at record " << to.value();
  }
}

TEST_F(RecoveryTest, ARestartFoldsLittleAndGoesOnAsBefore) {
  const std::string before = live_state();
  restart();
  EXPECT_EQ(live_state(), before);
  const history::Recovered recovered = history::recover(journal_->reader()).value();
  EXPECT_LT(recovered.tails.at(hippo_).records, 2 * kRecordsPerSnapshot);
  shell_->start(Epoch(2), "second", config());
  shell_->observe(hippo_, spec());
  shell_->all_listed();
  outside_->settle();
  live_for(5);
  EXPECT_EQ(folded(), live_state());
  EXPECT_EQ(verify(journal_->reader(), {})->differences.count, 0U);
  EXPECT_GT(verify(journal_->reader(), {})->snapshots, 3U);
}

TEST_F(RecoveryTest, ASnapshotOfAnUnknownVersionIsPassedOver) {
  const std::string before = live_state();
  for (const char* content : {R"({"format":99,"state":"of the future"})", R"({"format":1000})"}) {
    journal::Batch batch;
    batch.snapshots.push_back({.cluster = hippo_, .seq = last(), .content = content});
    ASSERT_TRUE(journal_->append_and_wait(std::move(batch)));
  }
  EXPECT_EQ(folded(), before);
  std::string other = fsm::encode_snapshot(fsm::initial_state(hippo_));
  const std::string behaviour = concat("\"behaviour\":", fsm::kBehaviour);
  other.replace(other.find(behaviour), behaviour.size(), "\"behaviour\":99");
  journal::Batch batch;
  batch.snapshots.push_back({.cluster = hippo_, .seq = last(), .content = other});
  ASSERT_TRUE(journal_->append_and_wait(std::move(batch)));
  EXPECT_EQ(folded(), before) << "another behaviour may have come to another state";
}

// Without snapshots, as for a program with other rules; a decision, which no state is made of.
TEST_F(RecoveryTest, WhoGoesThroughAllOfHistoryNoticesWhereItWasAltered) {
  shell_.reset();
  outside_.reset();
  std::optional<journal::Record> decision;
  ASSERT_TRUE(journal_->reader().scan(Sequence(1), last(), [&](journal::Record&& record) {
    decision = std::move(record);
    return decision->kind != journal::Kind::kDecision;
  }));
  const journal::Record before =
      journal_->reader().read(Sequence(decision->seq.value() - 1)).value();
  journal::Store& store = journal_->reader().store();
  for (const Sequence seq : journal_->reader().snapshots(hippo_).value())
    store.db().Delete({}, store.family(journal::Family::kSnapshots),
                      journal::stream_key(hippo_, seq));
  ASSERT_TRUE(history::recover(journal_->reader()).has_value());
  decision->payload = "{}";
  store.db().Put({}, store.family(journal::Family::kRecords), journal::sequence_key(decision->seq),
                 journal::encode(*decision, before.hash));
  const Result<history::Recovered> recovered = history::recover(journal_->reader());
  ASSERT_FALSE(recovered.has_value());
  EXPECT_EQ(recovered.error().code, Errc::kCorrupt);
  EXPECT_NE(to_string(recovered.error()).find("one of the two was altered"), std::string::npos)
      << to_string(recovered.error());
}

// They are folded side by side.
TEST(RecoveryOfManyTest, HandsThemOnInOrderEachAsItsOwnHistoryLeavesIt) {
  constexpr int kClusters = 30;
  const journal::Scratch scratch;
  Recorder recorder(scratch / "journal");
  for (int i = 0; i < kClusters; ++i) recorder.create(concat("cluster", i));
  std::vector<ClusterUid> order;
  const Result<void> recovered = history::recover(
      recorder.journal().reader(), [&](const fsm::ClusterState& state, const history::Tail& tail) {
        order.push_back(state.uid);
        EXPECT_EQ(fsm::encode_state(state), fsm::encode_state(recorder.state(state.uid)));
        EXPECT_GT(tail.records, 0);
      });
  ASSERT_TRUE(recovered.has_value()) << to_string(recovered.error());
  EXPECT_EQ(order, recorder.clusters());
}

TEST_F(RecoveryTest, RetentionTakesWhatSnapshotsCoverAndNothingIsForgotten) {
  bool covered = false;
  shell_->take_snapshots([&] { covered = true; });
  outside_->settle();
  ASSERT_TRUE(covered);
  const std::string before = live_state();
  clock_.advance(std::chrono::days(500));
  shell_->fire_timers();
  outside_->settle();
  shell_->take_snapshots([] {});
  outside_->settle();
  const Result<journal::RetentionReport> report =
      journal::apply_retention(*journal_, {}, clock_.now());
  ASSERT_TRUE(report.has_value()) << to_string(report.error());
  EXPECT_GT(report->cut, 50U) << (report->held_by ? report->held_by->value() : "");
  const std::string after = live_state();
  restart();
  EXPECT_EQ(live_state(), after);
  const Result<journal::Verified> chain = journal::verify(journal_->reader());
  EXPECT_TRUE(chain.has_value()) << to_string(chain.error());
  const Result<Verdict> verdict = verify(journal_->reader(), {});
  ASSERT_TRUE(verdict.has_value()) << to_string(verdict.error());
  EXPECT_EQ(verdict->differences.count, 0U);
  // Again, with the marker of the first time among the records that may go.
  clock_.advance(std::chrono::days(500));
  shell_->start(Epoch(2), "second", config());
  outside_->settle();
  shell_->take_snapshots([] {});
  outside_->settle();
  EXPECT_GT(journal::apply_retention(*journal_, {}, clock_.now())->cut, 0U);
}

TEST_F(RecoveryTest, AClusterThatIsGoneHoldsNothingBack) {
  shell_->observe_gone(hippo_);
  outside_->settle();
  EXPECT_EQ(journal_->reader().snapshots(hippo_)->back(), last());
}

}  // namespace
}  // namespace annals::replay
