#include "story.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/concat.h"
#include "fsm/codec.h"

namespace annals::replay {
namespace {

std::string by(const fsm::Actor& actor) {
  if (actor.manager.empty()) return {};
  return concat(", last written by ", actor.manager, " (", actor.operation, " at ", actor.time,
                ")");
}

struct Words {
  std::string operator()(const fsm::OperatorStarted& x) const {
    return concat("operator ", x.identity, " started",
                  x.journal_reset ? ", without a journal" : "");
  }
  std::string operator()(const fsm::OperatorConfigured& x) const {
    return concat("operator version ", x.version, " with ", x.images.size(), " images");
  }
  std::string operator()(const fsm::SpecObserved& x) const {
    return concat("PostgresCluster ", x.name_space, "/", x.name, ", generation ", x.generation,
                  x.deleting ? ", being deleted" : "", by(x.actor));
  }
  std::string operator()(const fsm::SpecGone&) const { return "the PostgresCluster is gone"; }
  std::string operator()(const fsm::ObjectObserved& x) const {
    return concat(to_string(x.ref), " is as of digest ", x.digest.substr(0, 12), by(x.actor));
  }
  std::string operator()(const fsm::ObjectGone& x) const {
    return concat(to_string(x.ref), " is gone");
  }
  std::string operator()(const fsm::PodObserved& x) const {
    return concat("pod ", x.name, " is ", x.phase, x.ready ? ", ready" : ", not ready",
                  x.role.empty() ? "" : ", role " + x.role, x.node.empty() ? "" : ", on " + x.node,
                  x.problem.empty() ? "" : ": " + x.problem);
  }
  std::string operator()(const fsm::PodGone& x) const { return concat("pod ", x.name, " is gone"); }
  std::string operator()(const fsm::Synced&) const { return "everything has been listed"; }
  std::string operator()(const fsm::TimerFired&) const {
    return "a time that was waited for has come";
  }
  std::string operator()(const fsm::Outcome& x) const {
    const char* words[] = {"done", "failed", "unknown"};
    return concat("intent ", x.intent, ": ", words[static_cast<int>(x.status)],
                  x.detail.empty() ? "" : ": ", x.detail);
  }
};

std::string line_of(const journal::Record& record) {
  return concat(record.seq, "  ", annals::to_string(record.time), "  ",
                journal::to_string(record.kind), "  ", in_words(record));
}

bool names(const std::string& target, const std::string& object) {
  return target == object || target.ends_with("/" + object);
}

// Reads all records once and keeps those that explanations need.
struct History {
  std::map<Sequence, journal::Record> records;
  std::multimap<Sequence, Sequence> effects;  // by cause
};

Result<History> read_all(const journal::Reader& reader) {
  History history;
  Result<std::optional<Sequence>> last = reader.last();
  if (!last) return fail(std::move(last).error());
  if (!*last) return history;
  const Result<void> scanned = reader.scan(Sequence(1), **last, [&](journal::Record&& record) {
    history.effects.emplace(record.cause, record.seq);
    history.records.emplace(record.seq, std::move(record));
    return true;
  });
  if (!scanned) return fail(scanned.error());
  return history;
}

// The intent, and below it each cause of a cause until a fact from outside.
std::string chain(const History& history, const journal::Record& intent) {
  std::string text = line_of(intent) + "\n";
  std::string indent = "  because of ";
  for (auto at = history.records.find(intent.cause); at != history.records.end();
       at = history.records.find(at->second.cause)) {
    text += indent + line_of(at->second) + "\n";
    indent = "    " + indent;
  }
  const auto [begin, end] = history.effects.equal_range(intent.seq);
  for (auto effect = begin; effect != end; ++effect) {
    text += "  ended as   " + line_of(history.records.at(effect->second)) + "\n";
  }
  return text;
}

}  // namespace

std::string in_words(const journal::Record& record) {
  if (record.expired) return concat(record.type, " (its content was given up by retention)");
  if (record.kind == journal::Kind::kDecision) {
    const Result<fsm::Decision> decision = fsm::decode_decision(record.payload);
    if (!decision) return to_string(decision.error());
    return concat(decision->machine, " ", decision->transition, ": ", decision->reason);
  }
  if (record.kind == journal::Kind::kIntent) {
    const Result<fsm::IntentRecord> intent = fsm::decode_intent(record.payload);
    if (!intent) return to_string(intent.error());
    return concat(record.type, " ", intent->target, " (intent ", intent->id, ", digest ",
                  intent->digest.substr(0, 12), ")");
  }
  const Result<fsm::Input> input = fsm::decode_input(record.type, record.payload);
  if (!input) return to_string(input.error());
  return std::visit(Words{}, *input);
}

Result<std::string> timeline(const journal::Reader& reader, const std::string& cluster) {
  Result<History> history = read_all(reader);
  if (!history) return fail(std::move(history).error());
  std::string text;
  for (const auto& [seq, record] : history->records) {
    if (cluster.empty() || record.cluster.value() == cluster) text += line_of(record) + "\n";
  }
  return text;
}

Result<std::string> why(const journal::Reader& reader, const std::string& object) {
  Result<History> history = read_all(reader);
  if (!history) return fail(std::move(history).error());
  std::string text;
  for (const auto& [seq, record] : history->records) {
    if (record.kind != journal::Kind::kIntent || record.expired) continue;
    const Result<fsm::IntentRecord> intent = fsm::decode_intent(record.payload);
    if (intent && names(intent->target, object)) text += chain(*history, record);
  }
  if (text.empty())
    return fail(Errc::kNotFound, "nothing in this journal ever wrote '", object, "'");
  return text;
}

}  // namespace annals::replay
