#include "records.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "replayer.h"
#include "words.h"

namespace annals::replay {
namespace {

using nlohmann::json;

// Text that is no JSON (the journal carries bytes) stays text.
json payload_json(const std::string& payload) {
  json parsed = json::parse(payload, nullptr, false);
  if (parsed.is_discarded()) return payload;
  return parsed;
}

}  // namespace

json record_json(const journal::Record& record, const Names& names) {
  json blobs = json::array();
  for (const Digest& blob : record.blobs) blobs.push_back(annals::to_string(blob));
  json line = {{"seq", record.seq.value()},
               {"time", annals::to_string(record.time)},
               {"epoch", record.epoch.value()},
               {"cluster", record.cluster.value()},
               {"name", names.of(record.cluster)},
               {"kind", journal::to_string(record.kind)},
               {"type", record.type},
               {"cause", record.cause.value()},
               {"blobs", std::move(blobs)},
               {"hash", annals::to_string(record.hash)}};
  if (record.expired) {
    line["expired"] = true;
  } else {
    line["payload"] = payload_json(record.payload);
    if (record.kind == journal::Kind::kDecision) line["words"] = in_words(record);
  }
  return line;
}

Result<void> print_records(const journal::Reader& reader, const Names& names,
                           const Selection& selection, const Out& out) {
  return scan(reader, selection, [&](journal::Record&& record) {
    *out.text << record_json(record, names).dump(-1, ' ', false, json::error_handler_t::replace)
              << "\n";
    return out.text->good();
  });
}

Result<void> recompute(const journal::Reader& reader, const Selection& selection,
                       const VisitRecomputed& visit) {
  Replayer replayer(reader);
  std::optional<Error> error;
  // From the beginning in any case: a state is made by all that was before.
  Selection all = selection;
  all.from.reset();
  all.kinds.clear();
  all.types.clear();
  const Result<void> scanned = scan(reader, all, [&](journal::Record&& record) {
    Result<std::optional<Ran>> ran = replayer.take(record);
    if (!ran) {
      error = std::move(ran).error();
      return false;
    }
    if (!*ran || !selection.takes(record)) return true;
    for (Output& output : (*ran)->outputs()) {
      if (!visit({.cause = record.seq,
                  .cluster = record.cluster,
                  .kind = output.is_decision ? "decision" : "intent",
                  .type = std::move(output.type),
                  .payload = std::move(output.payload)})) {
        return false;
      }
    }
    return true;
  });
  if (error) return fail(std::move(*error));
  if (!scanned) return scanned;
  // What cannot be replayed is no empty history.
  for (const auto& [cluster, stream] : replayer.streams()) {
    if (stream.unreadable && selection.takes(cluster)) return fail(*stream.unreadable);
  }
  return {};
}

Result<void> print_recomputed(const journal::Reader& reader, const Selection& selection,
                              const Out& out) {
  return recompute(reader, selection, [&](Recomputed&& output) {
    // The payload is JSON already; it goes in as it is, so that equal bytes stay equal.
    *out.text << R"({"cause":)" << output.cause.value() << R"(,"cluster":)"
              << json(output.cluster.value()).dump() << R"(,"kind":")" << output.kind
              << R"(","type":)" << json(output.type).dump() << R"(,"payload":)" << output.payload
              << "}\n";
    return out.text->good();
  });
}

Result<Recomputed> read_recomputed(std::string_view line) {
  try {
    const json from = json::parse(line);
    return Recomputed{.cause = Sequence(from.at("cause").get<std::uint64_t>()),
                      .cluster = ClusterUid(from.at("cluster").get<std::string>()),
                      .kind = from.at("kind").get<std::string>(),
                      .type = from.at("type").get<std::string>(),
                      .payload = from.at("payload").dump()};
  } catch (const json::exception& error) {
    return fail(Errc::kInvalid, "not a line of 'records --recomputed': ", error.what());
  }
}

}  // namespace annals::replay
