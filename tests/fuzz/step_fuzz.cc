// Any facts, outcomes and times make the machines decide, and never stop: what people write into a
// resource, what Kubernetes and Patroni tell of their objects. A line is a record's type and its
// payload; "+N" lets N seconds pass. The last step is made once more with a state that went
// through a snapshot, and is the same.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fsm/codec/codec.h"
#include "fsm/codec/state_codec.h"
#include "fsm/machine.h"

namespace {

using namespace annals::fsm;  // NOLINT(google-build-using-namespace): a program of one function

constexpr std::size_t kStepsMax = 100;
constexpr int kSecondsMax = 1'000'000;

struct Line {
  std::string_view type;
  std::string_view payload;
};

std::vector<Line> read_lines(std::string_view text) {
  std::vector<Line> lines;
  while (!text.empty() && lines.size() < kStepsMax) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t blank = std::min(line.find(' '), line.size());
    lines.push_back({line.substr(0, blank), line.substr(std::min(blank + 1, line.size()))});
  }
  return lines;
}

int seconds_of(std::string_view word) {
  int seconds = 0;
  std::from_chars(word.data() + 1, word.data() + word.size(), seconds);
  return std::clamp(seconds, 0, kSecondsMax);
}

std::vector<Event> events_of(const std::vector<Line>& lines) {
  annals::Timestamp now{std::chrono::sys_days(std::chrono::year(2026) / 1 / 2)};
  std::vector<Event> events;
  for (const Line& line : lines) {
    if (line.type.starts_with('+')) {
      now += std::chrono::seconds(seconds_of(line.type));
      continue;
    }
    annals::Result<Input> input = decode_input(line.type, line.payload);
    if (!input) continue;
    now += std::chrono::milliseconds(1);
    events.push_back({.seq = annals::Sequence(events.size() + 1),
                      .time = now,
                      .epoch = annals::Epoch(1),
                      .input = *std::move(input)});
  }
  return events;
}

void expect_same(const Step& one, const Step& other) {
  if (one.decisions.size() != other.decisions.size()) std::abort();
  if (one.intents.size() != other.intents.size()) std::abort();
  for (std::size_t i = 0; i < one.decisions.size(); ++i) {
    if (encode(one.decisions[i]) != encode(other.decisions[i])) std::abort();
  }
  for (std::size_t i = 0; i < one.intents.size(); ++i) {
    if (encode(one.intents[i]) != encode(other.intents[i])) std::abort();
  }
  if (encode_state(one.state) != encode_state(other.state)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::vector<Event> events = events_of(read_lines(text));
  if (events.empty()) return 0;
  ClusterState state = initial_state(annals::ClusterUid("uid-of-hippo"));
  for (std::size_t i = 0; i + 1 < events.size(); ++i)
    state = step(std::move(state), events[i]).state;
  annals::Result<DecodedSnapshot> snapshot = decode_snapshot(encode_snapshot(state));
  if (!snapshot) std::abort();
  expect_same(step(std::move(state), events.back()),
              step(std::move(snapshot->state), events.back()));
  return 0;
}
