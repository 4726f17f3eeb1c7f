// Any bytes are a record of the journal or an error: a type, the end of its line, a payload. What
// is read is written as it was read, and read again as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fsm/codec/codec.h"
#include "fsm/codec/json.h"
#include "fsm/codec/state_codec.h"

namespace {

using namespace annals::fsm;  // NOLINT(google-build-using-namespace): a program of one function

void look_at_input(std::string_view type, std::string_view payload) {
  const annals::Result<Input> input = decode_input(type, payload);
  if (!input) return;
  const Encoded once = encode(*input);
  const annals::Result<Input> again = decode_input(once.type, once.payload);
  if (!again || encode(*again) != once) std::abort();
}

void look_at_decision(std::string_view payload) {
  const annals::Result<Decision> decision = decode_decision(payload);
  if (!decision) return;
  const Encoded once = encode(*decision);
  const annals::Result<Decision> again = decode_decision(once.payload);
  if (!again || encode(*again) != once) std::abort();
}

void look_at_recipe(std::string_view content) {
  using annals::manifests::SecretRecipe;
  const annals::Result<SecretRecipe> recipe = read_json<SecretRecipe>(content);
  if (!recipe) return;
  const annals::Result<SecretRecipe> again = read_json<SecretRecipe>(write_json(*recipe));
  if (!again || !(*again == *recipe)) std::abort();
}

void look_at_snapshot(std::string_view content) {
  const annals::Result<DecodedSnapshot> snapshot = decode_snapshot(content);
  if (!snapshot) return;
  const std::string once = encode_snapshot(snapshot->state);
  const annals::Result<DecodedSnapshot> again = decode_snapshot(once);
  if (!again || encode_snapshot(again->state) != once) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t end = bytes.find('\n');
  if (end == std::string_view::npos) return 0;
  const std::string_view type = bytes.substr(0, end);
  const std::string_view payload = bytes.substr(end + 1);
  if (type == "snapshot") {
    look_at_snapshot(payload);
  } else if (type == "recipe") {
    look_at_recipe(payload);
  } else if (type == "decision") {
    look_at_decision(payload);
  } else if (type == "intent") {
    (void)decode_intent(payload);
  } else {
    look_at_input(type, payload);
  }
  return 0;
}
