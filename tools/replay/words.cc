#include "words.h"

#include <variant>

#include "base/concat.h"
#include "fsm/codec/codec.h"
#include "fsm/text/sentence.h"

namespace annals::replay {
namespace {

std::string by(const fsm::Actor& actor) {
  const std::string who = in_words(actor);
  return who.empty() ? who : ", last written by " + who;
}

struct Words {
  std::string operator()(const fsm::OperatorStarted& x) const {
    return concat("operator ", x.identity, " started",
                  x.journal_reset ? " with a new journal" : "");
  }
  std::string operator()(const fsm::OperatorConfigured& x) const {
    return concat("operator version ", x.version,
                  x.behaviour == 0 ? "" : concat(", behaviour ", x.behaviour),
                  x.rules.empty() ? "" : concat(", rules ", x.rules.substr(0, 12)), ", with ",
                  x.images.size(), " images");
  }
  std::string operator()(const fsm::SpecObserved& x) const {
    return concat("PostgresCluster ", x.name_space, "/", x.name, ", generation ", x.generation,
                  x.deleting ? ", being deleted" : "", by(x.actor));
  }
  std::string operator()(const fsm::ServerSeen& x) const {
    return x.trouble.empty() ? "API server is steady"
                             : concat("API server is not steady: ", x.trouble);
  }
  std::string operator()(const fsm::RivalsSeen& x) const {
    if (x.rivals.empty()) return "no other cluster has a repository at a place of this one's";
    std::string words;
    for (const fsm::PlaceRival& rival : x.rivals) {
      words += concat(words.empty() ? "" : "; ", rival.cluster, " has ", rival.repo, " at ",
                      rival.place, rival.came_first ? ", and came first" : "",
                      rival.has_stanza ? ", and writes there" : "");
    }
    return words;
  }
  std::string operator()(const fsm::SpecGone&) const { return "PostgresCluster deleted"; }
  std::string operator()(const fsm::ObjectObserved& x) const {
    return concat(to_string(x.ref), " observed",
                  x.digest.empty() ? "" : ", digest " + x.digest.substr(0, 12), by(x.actor));
  }
  std::string operator()(const fsm::ObjectGone& x) const {
    return concat(to_string(x.ref), " deleted");
  }
  std::string operator()(const fsm::PodObserved& x) const {
    return concat("pod ", x.name, " is ", x.phase, x.ready ? ", ready" : ", not ready",
                  x.role.empty() ? "" : ", role " + x.role, x.standby_leader ? " of a standby" : "",
                  x.node.empty() ? "" : ", on " + x.node,
                  x.problem.empty() ? "" : ": " + x.problem);
  }
  std::string operator()(const fsm::PodGone& x) const { return concat("pod ", x.name, " deleted"); }
  std::string operator()(const fsm::Synced&) const { return "initial list of all kinds complete"; }
  std::string operator()(const fsm::TimerFired&) const { return "timer fired"; }
  std::string operator()(const fsm::Outcome& x) const {
    const char* words[] = {"done", "failed", "unknown"};
    return concat("intent ", x.intent, ": ", words[static_cast<int>(x.status)],
                  x.detail.empty() ? "" : ": ", x.detail, differing(x.collations),
                  archiving(x.archiver));
  }

 private:
  static std::string archiving(const std::optional<fsm::ArchiverAnswer>& archiver) {
    if (!archiver || !archiver->failure) return {};
    const fsm::ArchiveFailure& failure = *archiver->failure;
    return concat(", ", failure.segment, " is not archived", failure.words.empty() ? "" : ": ",
                  failure.words);
  }
  static std::string differing(const std::optional<fsm::DifferingCollations>& collations) {
    if (!collations || collations->databases.empty()) return {};
    std::string names;
    for (const fsm::DifferingDatabase& each : collations->databases)
      names += concat(names.empty() ? "" : ", ", each.name);
    return concat(", collations differ in ", names);
  }
};

}  // namespace

std::string in_words(const fsm::Actor& actor) {
  if (actor.manager.empty()) return {};
  return concat(actor.manager, " (", actor.operation, " at ", actor.time, ")");
}

std::string remedy_of(const fsm::Blocker& blocker) {
  return blocker.remedy.empty() ? "none is needed" : fsm::sentence(blocker.remedy);
}

std::string in_words(const journal::Record& record) {
  if (record.expired) return concat(record.type, " (payload removed by retention)");
  if (record.cluster == operator_stream()) return concat(record.type, " ", record.payload);
  if (record.kind == journal::Kind::kDecision) {
    const Result<fsm::Decision> decision = fsm::decode_decision(record.payload);
    if (!decision) return to_string(decision.error());
    return concat(decision->machine, " ", decision->transition, ": ",
                  fsm::sentence(decision->reason));
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

}  // namespace annals::replay
