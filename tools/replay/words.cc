#include "words.h"

#include <array>
#include <string_view>
#include <variant>

#include "base/concat.h"
#include "fsm/codec/codec.h"
#include "fsm/text/sentence.h"
#include "spec/restore_target.h"

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
                  archiving(x.archiver), following(x.standby));
  }

 private:
  static std::string archiving(const std::optional<fsm::ArchiverAnswer>& archiver) {
    if (!archiver || !archiver->failure) return {};
    const fsm::ArchiveFailure& failure = *archiver->failure;
    return concat(", ", failure.segment, " is not archived", failure.words.empty() ? "" : ": ",
                  failure.words);
  }
  static std::string following(const std::optional<fsm::StandbyAnswer>& standby) {
    if (!standby) return {};
    const fsm::StandbyAnswer& its = *standby;
    std::string words =
        concat(", timeline ", its.timeline, ", received ", spec::lsn_text(its.received_lsn),
               ", replayed ", spec::lsn_text(its.replayed_lsn));
    words += its.receiver ? concat(", ", its.receiver->status, " from ", its.receiver->host)
                          : ", receives nothing by streaming";
    if (its.source.state != fsm::SourceState::kNotAsked)
      words += concat("; its source ", in_words(its.source));
    for (const fsm::ReceiptAnswer& each : its.receipts) words += concat("; ", in_words(each));
    return words;
  }
  static std::string in_words(const fsm::SourceAnswer& source) {
    constexpr auto kWords = std::to_array<std::string_view>(
        {"was not asked", "writes", "follows another one", "is in recovery", "refuses",
         "does not answer", "does not let us in", "is another database", "is the standby itself",
         "gives an answer that is not understood", "follows this cluster"});
    return concat(source.host, source.host.empty() ? "" : " ",
                  kWords.at(static_cast<std::size_t>(source.state)),
                  source.words.empty() ? "" : ": ", source.words);
  }
  static std::string in_words(const fsm::ReceiptAnswer& answer) {
    if (!answer.receipt)
      return concat(answer.repo, answer.trouble.empty() ? " has no receipt" : ": ", answer.trouble);
    const fsm::Receipt& its = *answer.receipt;
    if (its.withdrawn) return concat(answer.repo, ": receipt of ", its.cluster, " withdrawn");
    return concat(answer.repo, ": receipt of ", its.cluster, ", timeline ", its.timeline, ", end ",
                  spec::lsn_text(its.end_lsn));
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
