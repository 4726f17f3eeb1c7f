// Makes seeds of what this program itself writes into a journal, so that they are never of an older
// format: record_seeds GOLDEN_JOURNAL FSM_CODEC_FOLDER STEP_FOLDER. The golden journal has a
// cluster's life; of each type of record the first one, of each machine the first decision, and
// snapshots on the way.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/concat.h"
#include "fsm/codec/codec.h"
#include "fsm/codec/json.h"
#include "fsm/codec/state_codec.h"
#include "fsm/machine.h"

namespace {

using namespace annals::fsm;  // NOLINT(google-build-using-namespace): a program of one function
using annals::concat;
using nlohmann::json;

constexpr std::size_t kRecordsOfASnapshot = 20;

void write(const std::filesystem::path& file, const std::string& content) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << content;
  if (!out.flush()) throw std::runtime_error(concat(file.native(), " cannot be written"));
}

void write_new(const std::filesystem::path& file, const std::string& content) {
  if (!std::filesystem::exists(file)) write(file, content);
}

Event event_of(const json& line) {
  annals::Result<Input> input =
      decode_input(line.at("type").get<std::string>(), line.at("payload").dump());
  if (!input) throw std::runtime_error(to_string(input.error()));
  return {.seq = annals::Sequence(line.at("seq").get<std::uint64_t>()),
          .time = annals::Timestamp(annals::Duration(line.at("time").get<std::int64_t>())),
          .epoch = annals::Epoch(line.at("epoch").get<std::uint64_t>()),
          .input = *std::move(input)};
}

class Seeds {
 public:
  Seeds(std::filesystem::path codec, std::filesystem::path steps)
      : codec_(std::move(codec)), steps_(std::move(steps)) {
    for (const std::filesystem::path& folder : {codec_, steps_}) {
      std::filesystem::remove_all(folder);
      std::filesystem::create_directories(folder);
    }
  }

  void take(const Event& event) {
    const Encoded encoded = encode(event.input);
    write_new(codec_ / encoded.type, concat(encoded.type, "\n", encoded.payload));
    const auto passed = std::chrono::floor<std::chrono::seconds>(event.time - state_.now);
    if (records_ > 0 && passed.count() > 0) life_ += concat("+", passed.count(), "\n");
    life_ += concat(encoded.type, " ", encoded.payload, "\n");
    put_out(step(std::move(state_), event));
    if (++records_ % kRecordsOfASnapshot == 0) mark();
  }
  void mark() const {
    write(codec_ / concat("snapshot-", records_), concat("snapshot\n", encode_snapshot(state_)));
    write(steps_ / concat("first-", records_), life_);
  }

 private:
  void put_out(Step made) {
    for (const Decision& decision : made.decisions) {
      write_new(codec_ / concat("decision-", decision.machine),
                concat("decision\n", encode(decision).payload));
    }
    for (const Intent& intent : made.intents) {
      const Encoded encoded = encode(intent);
      write_new(codec_ / concat("intent-", encoded.type), concat("intent\n", encoded.payload));
      if (const auto* secret = std::get_if<EnsureSecret>(&intent.action)) {
        write_new(codec_ / concat("recipe-", secret->recipe.index()),
                  concat("recipe\n", write_json(secret->recipe)));
      }
    }
    state_ = std::move(made.state);
  }

  std::filesystem::path codec_;
  std::filesystem::path steps_;
  ClusterState state_ = initial_state(annals::ClusterUid("uid-of-hippo"));
  std::string life_;
  std::size_t records_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return EXIT_FAILURE;
  try {
    Seeds seeds(argv[2], argv[3]);
    std::ifstream golden(argv[1]);
    for (std::string line; std::getline(golden, line);) seeds.take(event_of(json::parse(line)));
    seeds.mark();
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return EXIT_FAILURE;
  }
}
