// The journal's form of facts, decisions, intents and outcomes: a kind, a type, and JSON. Equal
// values give equal bytes, on any machine. A type is never renamed or reused, and no member is;
// what an old record lacks is as in a new struct, so that old journals stay readable.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "fsm/model/decision.h"
#include "fsm/model/fact.h"
#include "fsm/model/intent.h"
#include "manifests/secrets/secrets.h"

namespace annals::fsm {

enum class RecordKind : std::uint8_t {
  kFact,
  kDecision,
  kIntent,
  kOutcome,
  kTimer,
  kCommand,
  kMarker
};

struct Encoded {
  RecordKind kind;
  std::string type;
  std::string payload;

  friend bool operator==(const Encoded&, const Encoded&) = default;
};

Encoded encode(const Input& input);
Encoded encode(const Decision& decision);
// Manifests stand by their digests.
Encoded encode(const Intent& intent);

// What a recipe asks for, in short: SHA-256 of its canonical text.
std::string recipe_digest(const manifests::SecretRecipe& recipe);

// Of what a repository holds: to tell that a look has found nothing new.
std::string digest_of(const RepositoryContents& contents);

// What encode(Input) wrote. kCorrupt for anything else: an unknown type, the lack of a member that
// every record has, a value of another kind.
Result<Input> decode_input(std::string_view type, std::string_view payload);

// For explanations: the parts of a decision or an intent that stand in a record.
Result<Decision> decode_decision(std::string_view payload);
struct IntentRecord {
  IntentId id;
  std::string target;
  std::string digest;
};
Result<IntentRecord> decode_intent(std::string_view payload);

}  // namespace annals::fsm
