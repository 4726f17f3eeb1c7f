#include "tests/simulation/timeline.h"

#include <map>
#include <vector>

#include "base/concat.h"
#include "fsm/codec/codec.h"
#include "fsm/text/sentence.h"
#include "tests/simulation/shrink.h"

namespace annals::simulation {
namespace {

constexpr std::size_t kWidth = 200;

std::string in_words(const journal::Record& record) {
  const std::string name = concat(record.seq, " ", journal::to_string(record.kind), " ");
  if (record.kind == journal::Kind::kDecision) {
    const Result<fsm::Decision> decision = fsm::decode_decision(record.payload);
    if (decision)
      return concat(name, decision->machine, " ", decision->transition, ": ",
                    fsm::sentence(decision->reason));
  }
  if (record.kind == journal::Kind::kIntent) {
    const Result<fsm::IntentRecord> intent = fsm::decode_intent(record.payload);
    if (intent) return concat(name, record.type, " ", intent->target, " #", intent->id);
  }
  return concat(name, record.type, " ", record.payload.substr(0, kWidth));
}

std::string offset(Timestamp time) {
  const double seconds = std::chrono::duration<double>(time - Schedule::kStart).count();
  return concat("+", seconds, "s  ");
}

}  // namespace

std::string timeline(const Report& report) {
  std::multimap<Timestamp, std::string> lines;  // of one time in the order of their coming
  for (const auto& [time, note] : report.notes) lines.emplace(time, note);
  for (std::size_t place = 0; place < report.disks.size(); ++place) {
    const Result<std::vector<journal::Record>> records = report.disks[place].read();
    if (!records) continue;
    for (const journal::Record& record : *records) {
      const std::string of = report.disks.size() > 1 ? concat("journal ", place, "  ") : "";
      lines.emplace(record.time, concat("  ", of, in_words(record)));
    }
  }
  std::string text;
  for (const auto& [time, line] : lines) text += concat(offset(time), line, "\n");
  return text;
}

std::string explain_failure(const Scenario& scenario, std::uint64_t seed, const Plan& plan) {
  const Plan smallest = shrink(scenario, seed, plan);
  const Report report = run(scenario, seed, smallest, {.verbose = true});
  std::string text = timeline(report);
  text += concat("\nFAILED: simulation --scenario ", scenario.name, " --seed ", seed, "\n");
  for (const Violation& violation : report.violations)
    text += concat("  breaks ", violation.rule, ": ", violation.what, "\n");
  text += concat("  ", smallest.size(), " of its ", plan.size(), " faults are enough:\n");
  for (const Fault& fault : smallest) text += concat("    ", to_string(fault), "\n");
  return text;
}

}  // namespace annals::simulation
