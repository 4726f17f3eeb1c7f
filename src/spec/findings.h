// What reading a specification found: mistakes that a person must mend, values that are in doubt,
// and fields that have no effect.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace annals::spec {

// One thing that is wrong: where, what stands there, and what to do about it.
struct Mistake {
  std::string field;  // "spec.instances[0].replicas"
  std::string
      value;  // as JSON, shortened; empty when absent, "(not shown)" when it may hold a secret
  std::string remedy;  // an imperative sentence without a full stop

  friend bool operator==(const Mistake&, const Mistake&) = default;
};

// `spec.port is 80: choose a port from 1024 to 65535`
std::string to_string(const Mistake& mistake);

enum class Unused : std::uint8_t {
  kNotYet,   // part of the API, and this version does not act on it
  kUnknown,  // not part of the API; most likely a misspelling
};

// A field that was given and has no effect. To be reported, never passed over in silence.
struct UnusedField {
  std::string field;
  Unused why;

  friend bool operator==(const UnusedField&, const UnusedField&) = default;
};

std::string to_string(const UnusedField& unused);

struct Findings {
  std::vector<Mistake> mistakes;  // in the order of the fields' descriptions
  // What is acted on as it stands, and most likely is not meant so. To be told.
  std::vector<Mistake> doubts;
  std::vector<UnusedField> unused;
  // Every field that was looked for, for those who set it before reading: what the API has to have.
  std::optional<std::set<std::string>> looked_for;

  friend bool operator==(const Findings&, const Findings&) = default;
};

}  // namespace annals::spec
