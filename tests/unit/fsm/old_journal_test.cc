// I3: a journal from the past gives the same decisions and states, byte for byte, whoever compiled
// this test: clang and gcc, debug and release run it on the same file. Where the machines decide
// differently on purpose, raise kBehaviour and write the expectations anew with
// ANNALS_REWRITE_GOLDEN=1; the recorded inputs stay.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/sha256.h"
#include "fsm/codec/state_codec.h"
#include "fsm/model/behaviour.h"
#include "tests/unit/fsm/world.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

const std::string kGoldenJournal = std::string(FSM_GOLDEN) + "/journal.jsonl";

json line_of(const Event& event) {
  const Encoded encoded = encode(event.input);
  return {{"seq", event.seq.value()},
          {"time", event.time.time_since_epoch().count()},
          {"epoch", event.epoch.value()},
          {"type", encoded.type},
          {"payload", json::parse(encoded.payload)}};
}

Event event_of(const json& line) {
  return {
      .seq = Sequence(line.at("seq").get<std::uint64_t>()),
      .time = Timestamp(Duration(line.at("time").get<std::int64_t>())),
      .epoch = Epoch(line.at("epoch").get<std::uint64_t>()),
      .input = decode_input(line.at("type").get<std::string>(), line.at("payload").dump()).value()};
}

// What is expected after an input: of its decisions and intents, and of the state.
void expect_after(json& line, const Step& step) {
  std::string outputs;
  for (const Decision& decision : step.decisions) outputs += encode(decision).payload;
  for (const Intent& intent : step.intents) outputs += encode(intent).payload;
  line["outputs"] = sha256_hex(outputs).substr(0, 16);
  line["state"] = state_hash(step.state).substr(0, 16);
}

// A cluster's life with most of what happens in one.
std::vector<json> record_a_life() {
  World world;
  world.start();
  world.failures["ConfigMap/hippo-config"] = "503 \"unavailable\"";
  world.tell(ObjectGone{.ref = World::ref("ConfigMap", "hippo-config"),
                        .uid = "uid-of-ConfigMap/hippo-config"});
  world.failures.clear();
  world.pass(2s);
  world.tell(TimerFired{.name = "due"});
  world.primary_is_ready();
  for (int i = 0; i < 5; ++i) {
    world.tell(ObjectGone{.ref = World::ref("Service", "hippo-primary"),
                          .uid = "uid-of-Service/hippo-primary"});
  }
  world.pass(11min);
  world.tell(TimerFired{.name = "due"});
  SpecObserved spec = World::hippo();
  spec.generation = 2;
  spec.resource.replace(spec.resource.find("\"instances\""), 0, "\"port\":5433,");
  world.tell(spec);
  world.start();
  world.primary_is_ready();
  world.tell(SpecGone{});
  std::vector<json> lines;
  for (const World::Entry& entry : world.journal()) lines.push_back(line_of(entry.event));
  return lines;
}

std::vector<json> read_lines() {
  std::vector<json> lines;
  std::ifstream in(kGoldenJournal);
  for (std::string text; std::getline(in, text);) lines.push_back(json::parse(text));
  return lines;
}

TEST(OldJournalTest, GivesTheSameDecisionsAndStatesWhoeverCompiledThis) {
  const bool rewrite = std::getenv("ANNALS_REWRITE_GOLDEN") != nullptr;
  std::vector<json> lines = read_lines();
  if (rewrite && lines.empty()) lines = record_a_life();
  ASSERT_GT(lines.size(), 50U) << kGoldenJournal;
  ClusterState state = initial_state(ClusterUid("uid-of-hippo"));
  std::ostringstream written;
  for (const json& line : lines) {
    Step step = fsm::step(std::move(state), event_of(line));
    json now = line;
    expect_after(now, step);
    if (!rewrite) {
      ASSERT_EQ(now, line) << "record " << line.at("seq")
                           << " is decided differently than when it was recorded, or leads to "
                              "another state: see the top of this test";
    }
    written << now.dump() << "\n";
    state = std::move(step.state);
  }
  if (rewrite) std::ofstream(kGoldenJournal) << written.str();
}

}  // namespace
}  // namespace annals::fsm
