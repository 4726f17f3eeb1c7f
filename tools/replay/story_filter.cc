#include "story_filter.h"

#include <array>
#include <utility>
#include <variant>

#include "base/concat.h"
#include "fsm/codec/codec.h"
#include "fsm/text/sentence.h"
#include "words.h"

namespace annals::replay {
namespace {

// Where a sentence of desired-set stops to name its object: "Service/a is asked for ..."
std::string without_object(const std::string& reason) {
  const std::size_t space = reason.find(' ');
  return space == std::string::npos ? reason : reason.substr(space);
}

bool is_of_no_interest(const fsm::Decision& decision) {
  // What is written says enough of what is waited for until it is.
  constexpr std::array kOmitted{"tell", "ask-members", "adopt", "not-yet-objects-in-place"};
  for (const char* transition : kOmitted) {
    if (decision.transition == transition) return true;
  }
  return decision.machine == "status";
}

std::string words_of(const fsm::Decision& decision) {
  if (is_of_no_interest(decision)) return {};
  if (decision.transition.starts_with("not-yet-"))
    return concat("  ", decision.machine, " ", fsm::sentence(decision.reason));
  return concat(decision.machine, " ", decision.transition, ": ", fsm::sentence(decision.reason));
}

std::optional<fsm::Decision> decision_of(const journal::Record& record) {
  if (record.kind != journal::Kind::kDecision || record.expired) return std::nullopt;
  Result<fsm::Decision> decision = fsm::decode_decision(record.payload);
  if (!decision) return std::nullopt;
  return std::move(*decision);
}

}  // namespace

std::string time_of_day(Timestamp time) {
  const std::string whole = to_string(time);  // 2026-01-31T08:05:00.250000Z
  const std::size_t begin = whole.find('T') + 1;
  return whole.substr(begin, 8);
}

std::string StoryFilter::words_of_pod(const ClusterUid& cluster, const fsm::PodObserved& pod) {
  fsm::PodObserved& known = pods_[{cluster, pod.name}];
  const fsm::PodObserved before = std::exchange(known, pod);
  const bool is_another = before.uid != pod.uid;
  const bool leads = pod.role == "master" && (is_another || before.role != "master");
  const bool is_ready = pod.ready && !pod.deleting && (is_another || !before.ready);
  if (leads) return concat("  pod ", pod.name, " is primary", pod.ready ? "" : ", not ready");
  if (is_ready) return concat("  pod ", pod.name, " is ready on ", pod.node);
  const bool has_failed = !is_another && before.ready && !pod.ready && !pod.deleting;
  if (has_failed)
    return concat("  pod ", pod.name, " is no longer ready", pod.problem.empty() ? "" : ": ",
                  pod.problem);
  return {};
}

std::string StoryFilter::words_of(const ClusterUid& cluster, const fsm::Input& input) {
  if (const auto* pod = std::get_if<fsm::PodObserved>(&input)) return words_of_pod(cluster, *pod);
  if (const auto* spec = std::get_if<fsm::SpecObserved>(&input)) {
    const std::int64_t before = std::exchange(generations_[cluster], spec->generation);
    if (before == spec->generation && !spec->deleting) return {};
    const std::string writer = in_words(spec->actor);
    return concat("spec of ", spec->name, ": generation ", spec->generation,
                  spec->deleting ? ", being deleted" : "", writer.empty() ? "" : ", by ", writer);
  }
  if (const auto* started = std::get_if<fsm::OperatorStarted>(&input))
    return concat("operator ", started->identity, " started");
  const auto* outcome = std::get_if<fsm::Outcome>(&input);
  if (outcome == nullptr || outcome->status == fsm::OutcomeStatus::kDone) return {};
  return concat(
      "  ", outcome->target.empty() ? "write" : outcome->target,
      outcome->status == fsm::OutcomeStatus::kFailed ? " failed: " : ": outcome unknown: ",
      outcome->detail);
}

std::string StoryFilter::words_of(const journal::Record& record) {
  if (record.expired) return {};
  if (const std::optional<fsm::Decision> decision = decision_of(record))
    return replay::words_of(*decision);
  const bool is_input = record.kind == journal::Kind::kFact ||
                        record.kind == journal::Kind::kOutcome ||
                        record.kind == journal::Kind::kMarker;
  if (!is_input) return {};
  const Result<fsm::Input> input = fsm::decode_input(record.type, record.payload);
  return input ? words_of(record.cluster, *input) : std::string();
}

std::optional<SummaryLine> StoryFilter::replace(std::optional<SummaryLine> line) {
  std::optional<SummaryLine> complete = std::exchange(open_, std::move(line));
  if (complete && more_ > 0) complete->words += concat(" (and ", more_, " similar)");
  more_ = 0;
  return complete;
}

std::optional<SummaryLine> StoryFilter::take(const journal::Record& record) {
  std::string words = words_of(record);
  if (words.empty()) return std::nullopt;
  const std::optional<fsm::Decision> decision = decision_of(record);
  const std::string fold = decision && decision->machine == "desired-set"
                               ? concat(to_string(record.cluster), decision->transition,
                                        without_object(fsm::sentence(decision->reason)))
                               : std::string();
  if (open_ && !fold.empty() && fold == fold_) {
    more_ += 1;
    return std::nullopt;
  }
  fold_ = fold;
  return replace(SummaryLine{.seq = record.seq,
                             .time = record.time,
                             .cluster = record.cluster,
                             .words = std::move(words)});
}

std::optional<SummaryLine> StoryFilter::finish() { return replace(std::nullopt); }

}  // namespace annals::replay
