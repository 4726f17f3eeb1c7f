#include "why_not.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "fsm/codec/codec.h"
#include "fsm/model/operation.h"
#include "fsm/operations/rolling_update.h"
#include "fsm/text/sentence.h"
#include "fsm/view/blockers.h"
#include "fsm/view/in_sync.h"
#include "history/history.h"
#include "records.h"
#include "words.h"

namespace annals::replay {
namespace {

using nlohmann::json;

// A question about the present state, and its answer.
struct Asked {
  std::string question;
  bool holds = false;
  std::string value;
};

// A refusal that stands in the journal.
struct Refusal {
  journal::Record record;
  fsm::Decision decision;
};

struct Finding {
  ClusterUid cluster;
  Timestamp as_of;
  std::vector<Refusal> refusals;
  std::vector<Asked> present;
  bool known = false;  // the name means something here
};

bool is_about(const fsm::Decision& decision, const std::string& what) {
  if (decision.machine == what || decision.transition == what ||
      decision.transition == "not-yet-" + what || fsm::sentence(decision.reason).contains(what))
    return true;
  for (const fsm::Predicate& input : decision.inputs) {
    if (input.name == what || input.value.contains(what)) return true;
  }
  return false;
}

bool is_target(const std::string& target, const std::string& what) {
  return target == what || target.ends_with("/" + what);
}

// Without these nothing at all is decided; see fsm::step().
void ask_to_decide(const fsm::ClusterState& state, Finding& finding) {
  finding.present = {
      {"the initial list of all kinds is complete", state.synced, ""},
      {"the operator's configuration is known", state.config.has_value(),
       state.config ? "version " + state.config->version : ""},
      {"the PostgresCluster exists", state.spec.has_value() && !state.gone,
       state.spec ? concat("generation ", state.spec->generation) : ""},
      {"the PostgresCluster is not being deleted", !state.spec || !state.spec->deleting, ""},
  };
}

void ask_target(const fsm::ClusterState& state, const std::string& target, Finding& finding) {
  bool pending = false;
  for (const auto& [id, action] : state.pending) {
    if (fsm::target_of(action) != target) continue;
    pending = true;
    finding.present.push_back({target + " has no write in progress", false, concat("intent ", id)});
  }
  if (!pending) finding.present.push_back({target + " has no write in progress", true, ""});
  const auto retry = state.retries.find(target);
  if (retry != state.retries.end() && retry->second.due > state.now) {
    finding.present.push_back(
        {target + " is not waiting for a retry", false,
         concat(fsm::failures_in_words(retry->second), "due ", annals::to_string(retry->second.due),
                ": ", fsm::sentence(retry->second.error))});
  }
}

// What the desired set says of the object, and what is written before it.
void ask_desired(fsm::ClusterState& state, const std::string& what, Finding& finding) {
  const fsm::Rendered& all = fsm::rendered(state);
  finding.present.push_back({"the spec is valid", all.mistakes.empty(),
                             all.mistakes.empty() ? "" : fsm::sentence(all.mistakes.front())});
  const fsm::Wanted* found = nullptr;
  for (const fsm::Wanted& wanted : all.wanted) {
    if (is_target(fsm::to_string(wanted.ref), what)) found = &wanted;
  }
  const bool is_object = what.contains('/') || found != nullptr;
  if (!is_object) return;
  finding.known = finding.known || found != nullptr;
  finding.present.push_back(
      {what + " is a desired object", found != nullptr, concat("one of ", all.wanted.size())});
  if (found == nullptr) return;
  finding.present.push_back({what + " differs from the desired state", !fsm::in_sync(state, *found),
                             "desired digest " + found->digest.substr(0, 12)});
  for (const fsm::Wanted& wanted : all.wanted) {
    if (wanted.rank >= found->rank || fsm::in_sync(state, wanted)) continue;
    finding.present.push_back(
        {"every object that is written before it is in sync", false, fsm::to_string(wanted.ref)});
    break;
  }
  ask_target(state, fsm::to_string(found->ref), finding);
}

// Whether a pod is as asked for, and whose turn it is before it.
void ask_pod(fsm::ClusterState& state, const std::string& what, Finding& finding) {
  const std::string name = what.starts_with("Pod/") ? what.substr(4) : what;
  const auto pod = state.pods.find(name);
  if (pod == state.pods.end()) return;
  finding.known = true;
  const std::vector<std::string> turns = fsm::pods_to_update(state);
  const auto its = std::ranges::find(turns, name);
  const bool is_outdated = its != turns.end();
  finding.present.push_back({"pod " + name + " has the desired template", !is_outdated,
                             "template " + pod->second.revision});
  finding.present.push_back({"PostgreSQL in it has no pending restart",
                             pod->second.pending_restart.empty(), pod->second.pending_restart});
  const std::string awaited = fsm::sentence(fsm::templates_awaited(state));
  finding.present.push_back({"all pod templates are up to date", awaited.empty(),
                             awaited.empty() ? "" : "waiting for " + awaited});
  if (!is_outdated) return;
  std::string order;
  for (const std::string& each : turns)
    order += concat(order.empty() ? "" : ", then ", each, each == name ? " (this one)" : "");
  finding.present.push_back({"it is the next pod to update", its == turns.begin(), order});
  const std::string operation = fsm::name_of(state.operation);
  finding.present.push_back({"no other operation is in progress",
                             operation.empty() || operation == "rolling-update", operation});
}

void ask_blockers(const fsm::ClusterState& state, const std::string& what, Finding& finding) {
  if (state.blockers.empty())
    finding.present.push_back({"nothing blocks the cluster", true, to_string(state.phase)});
  for (const auto& [machine, blocker] : fsm::blockers_of(state)) {
    finding.known = finding.known || blocker->transition == what ||
                    fsm::sentence(blocker->waits_for).contains(what);
    finding.present.push_back(
        {blocker->transition, false,
         concat("waiting for ", fsm::sentence(blocker->waits_for), " since ",
                annals::to_string(blocker->since), ", deadline ",
                annals::to_string(blocker->deadline), "; remedy: ", remedy_of(*blocker))});
  }
}

void ask_present(fsm::ClusterState state, const std::string& what, Finding& finding) {
  finding.as_of = state.now;
  ask_to_decide(state, finding);
  if (state.config && state.spec && !state.gone) ask_desired(state, what, finding);
  ask_pod(state, what, finding);
  for (const auto& [target, written] : state.written) {
    if (is_target(target, what)) finding.known = true;
  }
  if (what == "sql" || what == "run-sql") {
    finding.known = true;
    ask_target(state, "sql", finding);
  }
  ask_blockers(state, what, finding);
  for (const auto& [type, condition] : state.conditions) {
    if (type == "Stalled" || type == "UnsupportedFields") {
      if (condition.status)
        finding.present.push_back({"not " + type, false, fsm::sentence(condition.message)});
    }
  }
}

class ObstacleSearch {
 public:
  ObstacleSearch(const journal::Reader& reader, const Selection& selection, const std::string& what)
      : reader_(&reader), selection_(&selection), what_(&what) {}

  Result<Finding> look(const ClusterUid& cluster) {
    Finding finding{.cluster = cluster, .as_of = {}, .refusals = {}, .present = {}};
    Result<fsm::ClusterState> state = present(cluster);
    if (!state && state.error().code == Errc::kNotFound) return finding;
    if (!state) return fail(std::move(state).error());
    ask_present(std::move(*state), *what_, finding);
    return finding;
  }

  // Only what has no intents: the rest was done, and `why` tells of it.
  void take(journal::Record&& record, Finding& finding) const {
    if (record.kind != journal::Kind::kDecision || record.expired) return;
    Result<fsm::Decision> decision = fsm::decode_decision(record.payload);
    if (!decision || !is_about(*decision, *what_)) return;
    finding.known = true;
    const bool refuses = decision->intents.empty() && is_refusal(*decision);
    if (!refuses) return;
    if (finding.refusals.size() == kKept) finding.refusals.erase(finding.refusals.begin());
    finding.refusals.push_back({std::move(record), std::move(*decision)});
  }

 private:
  static constexpr std::size_t kKept = 20;  // the newest

  // A transition that only notes that something has come to pass has no intents either.
  static bool is_refusal(const fsm::Decision& decision) {
    if (decision.transition == "oscillation") return true;
    for (const fsm::Predicate& input : decision.inputs) {
      if (!input.holds) return true;
    }
    return false;
  }

  Result<fsm::ClusterState> present(const ClusterUid& cluster) const {
    if (!selection_->to) return history::fold(*reader_, cluster);
    const Result<Sequence> at = last_at(*reader_, *selection_->to);
    if (!at) return fail(at.error());
    return history::fold(*reader_, cluster, *at);
  }

  const journal::Reader* reader_;
  const Selection* selection_;
  const std::string* what_;
};

json finding_json(const Finding& finding, const Names& names) {
  json refusals = json::array();
  for (const Refusal& each : finding.refusals) refusals.push_back(record_json(each.record, names));
  json present = json::array();
  for (const Asked& each : finding.present)
    present.push_back({{"question", each.question}, {"holds", each.holds}, {"value", each.value}});
  return {{"cluster", finding.cluster.value()},
          {"name", names.of(finding.cluster)},
          {"asOf", to_string(finding.as_of)},
          {"refusals", std::move(refusals)},
          {"present", std::move(present)}};
}

void print_finding(const Finding& finding, const Names& names, const Out& out) {
  *out.text << names.of(finding.cluster) << " (" << finding.cluster.value() << "), as of "
            << to_string(finding.as_of) << "\n";
  for (const Refusal& each : finding.refusals) {
    *out.text << "  " << each.record.seq.value() << "  "
              << out.paint(to_string(each.record.time), Colour::kDim) << "  "
              << out.paint(in_words(each.record), Colour::kYellow) << "\n";
    for (const fsm::Predicate& input : each.decision.inputs) {
      *out.text << "      " << (input.holds ? "holds:     " : "does not hold: ") << input.name
                << " (" << input.value << ")\n";
    }
  }
  *out.text << "  current state:\n";
  for (const Asked& each : finding.present) {
    *out.text << "    "
              << out.paint(each.holds ? "yes" : "NO ", each.holds ? Colour::kGreen : Colour::kRed)
              << "  " << each.question << (each.value.empty() ? "" : ": " + each.value) << "\n";
  }
}

}  // namespace

Result<void> why_not(const journal::Reader& reader, const Names& names, const Selection& selection,
                     const std::string& what, const Out& out) {
  ObstacleSearch search(reader, selection, what);
  std::map<ClusterUid, Finding> findings;
  for (const ClusterUid& cluster : names.all()) {
    if (!selection.takes(cluster)) continue;
    Result<Finding> finding = search.look(cluster);
    if (!finding) return fail(std::move(finding).error());
    findings.emplace(cluster, std::move(*finding));
  }
  const Result<void> scanned = scan(reader, selection, [&](journal::Record&& record) {
    const auto finding = findings.find(record.cluster);
    if (finding != findings.end()) search.take(std::move(record), finding->second);
    return true;
  });
  if (!scanned) return scanned;
  json all = json::array();
  bool any = false;
  for (const auto& [cluster, finding] : findings) {
    if (!finding.known) continue;
    any = true;
    if (out.json) {
      all.push_back(finding_json(finding, names));
    } else {
      print_finding(finding, names, out);
    }
  }
  if (!any) {
    return fail(Errc::kNotFound,
                "no object, machine, transition or reason in this journal matches '", what,
                "': give KIND/NAME, or a name that timeline prints");
  }
  if (out.json) *out.text << all.dump(2, ' ', false, json::error_handler_t::replace) << "\n";
  return {};
}

}  // namespace annals::replay
