#include "fsm/codec/codec.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/codec/json.h"

namespace annals::fsm {
namespace {

// One line per kind of input, in the order of the variant.
struct InputForm {
  RecordKind kind{};
  std::string_view type;
};
constexpr std::array<InputForm, std::variant_size_v<Input>> kInputs{{
    {RecordKind::kMarker, "operator-started"},
    {RecordKind::kFact, "operator-configured"},
    {RecordKind::kFact, "spec-observed"},
    {RecordKind::kFact, "spec-gone"},
    {RecordKind::kFact, "object-observed"},
    {RecordKind::kFact, "object-gone"},
    {RecordKind::kFact, "pod-observed"},
    {RecordKind::kFact, "pod-gone"},
    {RecordKind::kFact, "synced"},
    {RecordKind::kOutcome, "outcome"},
    {RecordKind::kTimer, "timer-fired"},
    {RecordKind::kFact, "server-seen"},
    {RecordKind::kFact, "rivals-seen"},
}};
static_assert(!kInputs.back().type.empty(), "a new input needs its line here");

template <std::size_t I>
Result<Input> read_input(std::string_view payload) {
  auto read = read_json<std::variant_alternative_t<I, Input>>(payload);
  if (!read) return fail(std::move(read).error().while_doing(kInputs[I].type));
  return Input(std::in_place_index<I>, std::move(*read));
}
constexpr auto kReaders = []<std::size_t... Is>(std::index_sequence<Is...>) {
  return std::array{read_input<Is>...};
}(std::make_index_sequence<kInputs.size()>());

}  // namespace

Encoded encode(const Input& input) {
  const InputForm& form = kInputs.at(input.index());
  return {.kind = form.kind,
          .type = std::string(form.type),
          .payload = std::visit([](const auto& each) { return write_json(each); }, input)};
}

Encoded encode(const Decision& decision) {
  return {.kind = RecordKind::kDecision, .type = decision.machine, .payload = write_json(decision)};
}

Encoded encode(const Intent& intent) {
  const std::vector<Extra> extras{{.name = "id", .json = write_json(intent.id)},
                                  {.name = "target", .json = write_json(target_of(intent.action))}};
  JsonWriter writer(JsonWriter::Texts::kByDigest);
  std::visit([&](const auto& each) { writer.put_object(each, extras); }, intent.action);
  return {.kind = RecordKind::kIntent,
          .type = type_of(intent.action),
          .payload = std::move(writer).take()};
}

std::string recipe_digest(const manifests::SecretRecipe& recipe) {
  return sha256_hex(write_json(recipe));
}

std::string digest_of(const RepositoryContents& contents) {
  return sha256_hex(write_json(contents));
}

Result<Input> decode_input(std::string_view type, std::string_view payload) {
  const auto form = std::ranges::find(kInputs, type, &InputForm::type);
  if (form == kInputs.end())
    return fail(Errc::kCorrupt, concat("no input has the type '", type, "'"));
  return kReaders.at(static_cast<std::size_t>(form - kInputs.begin()))(payload);
}

Result<Decision> decode_decision(std::string_view payload) { return read_json<Decision>(payload); }

Result<IntentRecord> decode_intent(std::string_view payload) {
  return read_json<IntentRecord>(payload);
}

}  // namespace annals::fsm
