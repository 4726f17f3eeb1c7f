// I6: a state that went through a snapshot is the state, and everything after it is the same.
#include "fsm/codec/state_codec.h"

#include <gtest/gtest.h>

#include <random>

#include "base/concat.h"
#include "fsm/codec/state_pack.h"
#include "fsm/view/renderings.h"
#include "tests/unit/fsm/world.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

// How many lives; under a sanitizer, which looks at how and not at what, a sample.
#ifdef ANNALS_SANITIZED
constexpr std::uint64_t kLives = 8;
constexpr std::uint64_t kLivesWithColdCaches = 2;
#else
constexpr std::uint64_t kLives = 40;
constexpr std::uint64_t kLivesWithColdCaches = 10;
#endif

// A cluster's life with what goes wrong in one: drawn from a seed.
class Life {
 public:
  explicit Life(std::uint64_t seed) : dice_(seed) {
    world_.start();
    for (int i = 0; i < 40; ++i) happen();
  }

  const std::vector<World::Entry>& journal() const { return world_.journal(); }
  std::size_t below(std::size_t limit) { return dice_() % limit; }

 private:
  ObjectRef some_object() {
    auto object = world_.state().objects.begin();
    std::advance(object, static_cast<std::ptrdiff_t>(below(world_.state().objects.size())));
    return object->first;
  }

  void happen() {
    world_.pass(std::chrono::seconds(below(120)));
    switch (below(8)) {
      case 0:
        return world_.primary_is_ready();
      case 1:
        return world_.tell(TimerFired{.name = "due"});
      case 2:
        return lose_an_object();
      case 3:
        return change_an_object();
      case 4:
        if (world_.state().objects.empty()) return;
        world_.failures = {{to_string(some_object()), "503 \"quoted\"\n and \xff no UTF-8"}};
        return;
      case 5:
        return world_.failures.clear();
      case 6:
        return restart();
      default:
        return change_the_spec();
    }
  }

  void lose_an_object() {
    if (world_.state().objects.empty()) return;
    const ObjectRef ref = some_object();
    const ObjectGone gone{.ref = ref, .uid = world_.state().objects.at(ref).uid};
    if (below(2) == 0) return world_.tell(gone);
    world_.tell_only(gone);  // and the next thing happens before the answer
  }
  void change_an_object() {
    if (world_.state().objects.empty()) return;
    ObjectObserved changed = world_.state().objects.at(some_object());
    changed.digest = "changed";
    changed.actor = {.manager = "vandal", .operation = "Update", .time = "2026-01-02T03:04:05Z"};
    world_.tell(changed);
  }
  void restart() {
    const bool state_carried_over = below(2) == 0;
    world_.tell_only(OperatorStarted{
        .identity = "next", .journal_reset = false, .state_carried_over = state_carried_over});
    if (state_carried_over) return world_.tell(Synced{});
    world_.start();
  }
  void change_the_spec() {
    SpecObserved spec = World::hippo();
    spec.generation += 1;
    if (below(2) == 0) spec.resource.replace(spec.resource.find(":15"), 3, ":99");
    world_.tell(spec);
  }

  std::mt19937_64 dice_;
  World world_;
};

// As a replay does it: through the record's bytes.
Step replay(ClusterState state, const Event& event, Renderings* renderings = nullptr) {
  const Encoded encoded = encode(event.input);
  Event read = event;
  read.input = decode_input(encoded.type, encoded.payload).value();
  return step(std::move(state), read, renderings);
}

std::string outputs_of(const Step& step) {
  std::string all;
  for (const Decision& decision : step.decisions) all += encode(decision).payload;
  for (const Intent& intent : step.intents) all += encode(intent).payload;
  return all;
}

TEST(StateCodecTest, AStateIsTheFoldOfASnapshotAndItsTailAtEveryPrefix) {
  for (std::uint64_t seed = 0; seed < kLives; ++seed) {
    SCOPED_TRACE(seed);
    Life life(seed);
    const std::size_t cut = life.below(life.journal().size());
    ClusterState whole = initial_state(ClusterUid("uid-of-hippo"));
    std::optional<ClusterState> restored;
    for (std::size_t i = 0; i < life.journal().size(); ++i) {
      Step step = replay(std::move(whole), life.journal()[i].event);
      const std::string outputs = outputs_of(step);
      whole = std::move(step.state);
      if (restored) {
        Step again = replay(std::move(*restored), life.journal()[i].event);
        ASSERT_EQ(outputs_of(again), outputs) << "record " << i << ", snapshot at " << cut;
        restored = std::move(again.state);
        ASSERT_EQ(encode_state(*restored), encode_state(whole)) << "record " << i;
      }
      if (i == cut) {
        Result<DecodedSnapshot> decoded = decode_snapshot(encode_snapshot(whole));
        ASSERT_TRUE(decoded.has_value()) << to_string(decoded.error());
        restored = std::move(decoded->state);
      }
      if (i % 16 != 0) continue;
      // Every prefix by itself: nothing of a state gets lost.
      const Result<DecodedSnapshot> back = decode_snapshot(encode_snapshot(whole));
      ASSERT_TRUE(back.has_value()) << to_string(back.error());
      ASSERT_EQ(encode_state(back->state), encode_state(whole)) << "record " << i;
    }
  }
}

// What is rendered is kept while its inputs stay the same; a Service that went is such an input.
// What is derived is kept from step to step; a state that has none of it decides the same.
TEST(StateCodecTest, AColdCacheDecidesAsAWarmOneAtEveryRecord) {
  for (std::uint64_t seed = 0; seed < kLivesWithColdCaches; ++seed) {
    SCOPED_TRACE(seed);
    Life life(seed);
    ClusterState warm = initial_state(ClusterUid("uid-of-hippo"));
    for (const World::Entry& entry : life.journal()) {
      ClusterState cold = decode_snapshot(encode_snapshot(warm)).value().state;
      ASSERT_EQ(cold.rendered.last(), nullptr);
      Step of_warm = replay(std::move(warm), entry.event);
      const Step of_cold = replay(std::move(cold), entry.event);
      ASSERT_EQ(outputs_of(of_cold), outputs_of(of_warm)) << entry.event.seq.value();
      ASSERT_EQ(encode_state(of_cold.state), encode_state(of_warm.state));
      warm = std::move(of_warm.state);
    }
  }
}

// As in the simulation: what is rendered in one life serves all others, also such as have forgotten
// their own. So few are kept that they begin anew now and then.
TEST(StateCodecTest, SharedRenderingsDecideAsOwnOnesAtEveryRecord) {
  Renderings renderings(8);
  std::size_t shared = 0;
  for (std::uint64_t seed = 0; seed < kLivesWithColdCaches; ++seed) {
    SCOPED_TRACE(seed);
    Life life(seed);
    ClusterState alone = initial_state(ClusterUid("uid-of-hippo"));
    ClusterState sharing = alone;
    for (const World::Entry& entry : life.journal()) {
      const bool forgets = life.below(2) == 0;
      if (forgets) sharing = decode_snapshot(encode_snapshot(sharing)).value().state;
      const std::size_t kept = renderings.size();
      Step of_alone = replay(std::move(alone), entry.event);
      Step of_sharing = replay(std::move(sharing), entry.event, &renderings);
      ASSERT_EQ(outputs_of(of_sharing), outputs_of(of_alone)) << entry.event.seq.value();
      ASSERT_EQ(encode_state(of_sharing.state), encode_state(of_alone.state));
      ASSERT_EQ(of_sharing.state.rendered.renderings(), nullptr);
      const Rendered* last = of_sharing.state.rendered.last();
      const bool has_made = last != nullptr && last->mistakes.empty();
      if (forgets && has_made && renderings.size() == kept) ++shared;
      alone = std::move(of_alone.state);
      sharing = std::move(of_sharing.state);
    }
  }
  EXPECT_GT(shared, 0U);
}

// As the shell keeps a cluster that rests: packed after every record, woken for the next.
TEST(StateCodecTest, AStateThatRestsBetweenAllRecordsDecidesTheSame) {
  for (std::uint64_t seed = 0; seed < kLivesWithColdCaches; ++seed) {
    SCOPED_TRACE(seed);
    Life life(seed);
    ClusterState awake = initial_state(ClusterUid("uid-of-hippo"));
    std::string resting = pack_state(awake);
    for (const World::Entry& entry : life.journal()) {
      Step of_awake = replay(std::move(awake), entry.event);
      const Step of_resting = replay(unpack_state(resting), entry.event);
      ASSERT_EQ(outputs_of(of_resting), outputs_of(of_awake)) << entry.event.seq.value();
      ASSERT_EQ(encode_state(of_resting.state), encode_state(of_awake.state));
      awake = std::move(of_awake.state);
      resting = pack_state(of_resting.state);
      ASSERT_EQ(pack_state(unpack_state(resting)), resting);
    }
  }
}

TEST(StateCodecTest, NothingIsKeptBesideTheStateThatTheStateWouldNotGive) {
  World world;
  world.start();
  world.primary_is_ready();
  const auto gone = [&](const char* kind, const char* name) {
    const ObjectRef ref = World::ref(kind, name);
    return ObjectGone{.ref = ref, .uid = world.state().objects.at(ref).uid};
  };
  world.tell_only(gone("Service", "hippo-ha"));
  ClusterState restored = decode_snapshot(encode_snapshot(world.state())).value().state;
  world.tell_only(gone("Endpoints", "hippo-primary"));
  const Step again = replay(std::move(restored), world.journal().back().event);
  EXPECT_EQ(encode_state(again.state), encode_state(world.state()));
}

TEST(StateCodecTest, AnotherFormatIsRefusedAndAnotherBehaviourIsTold) {
  const ClusterState state = initial_state(ClusterUid("u"));
  std::string content = encode_snapshot(state);
  const std::string format = "\"format\":" + std::to_string(kStateFormat);
  content.replace(content.find(format), format.size(), "\"format\":99");
  EXPECT_EQ(decode_snapshot(content).error().code, Errc::kInvalid);
  content = encode_snapshot(state);
  const std::string behaviour = "\"behaviour\":" + std::to_string(kBehaviour);
  content.replace(content.find(behaviour), behaviour.size(), "\"behaviour\":99");
  EXPECT_EQ(decode_snapshot(content)->behaviour, 99);
  EXPECT_EQ(decode_snapshot("{}").error().code, Errc::kCorrupt);
  EXPECT_EQ(decode_snapshot("no JSON").error().code, Errc::kCorrupt);
}

TEST(StateCodecTest, ANumberThatIsNoWholeOneIsCorrupt) {
  const auto outcome = [](const char* intent) {
    return decode_input("outcome",
                        concat(R"({"detail":"","digest":"","fields":{},"status":"done",)",
                               R"("uid":"","intent":)", intent, "}"));
  };
  EXPECT_TRUE(outcome("18446744073709551615"));
  for (const char* intent : {"-1", "1.5", "1e30", "true", "18446744073709551616"}) {
    const Result<Input> input = outcome(intent);
    ASSERT_FALSE(input) << intent;
    EXPECT_EQ(input.error().code, Errc::kCorrupt) << intent;
  }
}

TEST(StateCodecTest, AnOlderRecordOfTheConfigurationSaysNothingOfItsBehaviour) {
  const Result<Input> input = decode_input(
      "operator-configured", R"({"version":"0.1.0","namespace":"operators","images":{}})");
  ASSERT_TRUE(input.has_value());
  EXPECT_EQ(std::get<OperatorConfigured>(*input).behaviour, 0);
}

}  // namespace
}  // namespace annals::fsm
