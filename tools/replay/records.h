// records: the journal as JSON lines, one record each, for other programs; or, instead of the
// decisions and intents that were recorded, those that this program makes of the same inputs.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>

#include "names.h"
#include "selection.h"
#include "terminal.h"

namespace annals::replay {

// {"seq":7,"time":"...","epoch":1,"cluster":"UID","name":"ns/hippo","kind":"fact","type":"...",
//  "cause":0,"blobs":[],"hash":"...","payload":{...}}, or "expired":true instead of the payload.
nlohmann::json record_json(const journal::Record& record, const Names& names);

Result<void> print_records(const journal::Reader& reader, const Names& names,
                           const Selection& selection, const Out& out);

// What this program decides, in the order of the causes: a record that was never written.
struct Recomputed {
  Sequence cause;
  ClusterUid cluster;
  std::string kind;  // "decision" or "intent"
  std::string type;
  std::string payload;

  friend bool operator==(const Recomputed&, const Recomputed&) = default;
};

// false stops.
using VisitRecomputed = std::function<bool(Recomputed&&)>;
Result<void> recompute(const journal::Reader& reader, const Selection& selection,
                       const VisitRecomputed& visit);

// {"cause":7,"cluster":"UID","kind":"decision","type":"provision","payload":{...}}
Result<void> print_recomputed(const journal::Reader& reader, const Selection& selection,
                              const Out& out);
Result<Recomputed> read_recomputed(std::string_view line);

}  // namespace annals::replay
