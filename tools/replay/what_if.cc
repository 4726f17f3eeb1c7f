#include "what_if.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "fsm/text/sentence.h"
#include "history/history.h"
#include "history/snapshots.h"

namespace annals::replay {
namespace {

using nlohmann::json;

// Decisions of one run about one input, without the numbers of their intents, which shift.
struct Decided {
  std::string words;
  std::vector<std::string> writes;

  friend auto operator<=>(const Decided&, const Decided&) = default;
};

std::vector<Decided> decided_by(const fsm::Step& step) {
  std::vector<Decided> all;
  auto intent = step.intents.begin();
  for (const fsm::Decision& decision : step.decisions) {
    Decided decided{.words = concat(decision.machine, " ", decision.transition, ": ",
                                    fsm::sentence(decision.reason)),
                    .writes = {}};
    for (std::size_t i = 0; i < decision.intents.size(); ++i, ++intent) {
      const std::string digest = std::visit([](const auto& a) { return a.digest; }, intent->action);
      decided.writes.push_back(concat(fsm::type_of(intent->action), " ",
                                      fsm::target_of(intent->action), " ", digest.substr(0, 12)));
    }
    all.push_back(std::move(decided));
  }
  return all;
}

// One run of the cluster's history.
struct Run {
  fsm::ClusterState state;

  std::vector<Decided> take(const fsm::Event& event) {
    fsm::Step step = fsm::step(std::move(state), event);
    state = std::move(step.state);
    return decided_by(step);
  }
};

class Experiment {
 public:
  Experiment(const journal::Reader& reader, const Selection& selection, const Patch& patch,
             const Out& out)
      : reader_(&reader), selection_(&selection), patch_(&patch), out_(&out) {}

  Result<bool> run(const ClusterUid& cluster) {
    Result<std::optional<history::Start>> start = history::earliest_start(*reader_, cluster);
    if (!start) return fail(std::move(start).error());
    Sequence after;
    was_.state = fsm::initial_state(cluster);
    if (*start) {
      after = (*start)->after;
      was_.state = std::move((*start)->state);
    }
    would_be_.state = was_.state;
    std::optional<Error> error;
    const Result<void> scanned =
        reader_->scan(cluster, after.next(), history::kNewest, [&](journal::Record&& record) {
          if (selection_->is_over(record)) return false;
          if (!history::is_input(record)) return true;
          const Result<fsm::Event> event = history::event_of(record);
          if (!event) error = event.error();
          if (event) take(*event);
          return event.has_value();
        });
    if (error) return fail(std::move(*error));
    if (!scanned) return fail(scanned.error());
    if (!started_) {
      return fail(Errc::kNotFound,
                  "--patch: at: this cluster has no record at or after that point");
    }
    if (!out_->json)
      *out_->text << different_ << " inputs have different decisions with the change\n";
    return different_ > 0;
  }

 private:
  void take(const fsm::Event& event) {
    if (!started_ && !patch_->at.is_after(event.seq, event.time)) begin(event);
    remember_target(event);
    const std::vector<Decided> was = was_.take(event);
    if (!started_) {
      would_be_.state = was_.state;
      return;
    }
    std::vector<Decided> would_be;
    fsm::Event changed = event;
    if (translate(changed)) would_be = take_changed(changed);
    report(event.seq, was, would_be);
  }

  // The change itself is the first event of the other run, at the moment of this one.
  void begin(const fsm::Event& event) {
    started_ = true;
    std::vector<Decided> would_be;
    const auto feed = [&](fsm::Input input) {
      const std::vector<Decided> more = take_changed(
          {.seq = event.seq, .time = event.time, .epoch = event.epoch, .input = std::move(input)});
      would_be.insert(would_be.end(), more.begin(), more.end());
    };
    if (patch_->changes_configuration && would_be_.state.config)
      feed(changed(*would_be_.state.config));
    if (!patch_->spec.empty() && would_be_.state.spec) feed(changed(*would_be_.state.spec));
    report(event.seq, {}, would_be);
  }

  fsm::OperatorConfigured changed(fsm::OperatorConfigured config) const {
    for (const auto& [name, image] : patch_->images) config.images[name] = image;
    if (patch_->version) config.version = *patch_->version;
    return config;
  }

  fsm::SpecObserved changed(fsm::SpecObserved spec) const {
    json resource = json::parse(spec.resource, nullptr, false);
    if (!patch_->spec.empty() && resource.is_object()) {
      resource["spec"].merge_patch(json::parse(patch_->spec));
      spec.resource = resource.dump();
      spec.actor = {.manager = "what-if", .operation = "Update", .time = ""};
    }
    return spec;
  }

  // What an outcome of the recorded run ends: its intent's target.
  void remember_target(const fsm::Event& event) {
    target_.clear();
    const auto* outcome = std::get_if<fsm::Outcome>(&event.input);
    if (outcome == nullptr) return;
    const auto intent = was_.state.pending.find(outcome->intent);
    if (intent != was_.state.pending.end()) target_ = fsm::target_of(intent->second);
  }

  // The same event for the other run; false when it means nothing there.
  bool translate(fsm::Event& event) const {
    if (const auto* config = std::get_if<fsm::OperatorConfigured>(&event.input)) {
      if (patch_->changes_configuration) event.input = changed(*config);
    } else if (const auto* spec = std::get_if<fsm::SpecObserved>(&event.input)) {
      event.input = changed(*spec);
    } else if (auto* outcome = std::get_if<fsm::Outcome>(&event.input)) {
      return readdress(*outcome);
    }
    return true;
  }

  // Intents have other numbers in the other run; what they write stays.
  bool readdress(fsm::Outcome& outcome) const {
    const auto same = std::ranges::find_if(would_be_.state.pending, [&](const auto& entry) {
      return fsm::target_of(entry.second) == target_;
    });
    if (same == would_be_.state.pending.end()) return false;
    outcome.intent = same->first;
    return true;
  }

  // Runs the event, then ends what nobody recorded an outcome of.
  std::vector<Decided> take_changed(const fsm::Event& event) {
    std::vector<Decided> all = would_be_.take(event);
    constexpr int kMaxRounds = 100;
    for (int round = 0; round < kMaxRounds; ++round) {
      const std::optional<fsm::Outcome> outcome = unrecorded_outcome();
      if (!outcome) break;
      const std::vector<Decided> more = would_be_.take(
          {.seq = event.seq, .time = event.time, .epoch = event.epoch, .input = *outcome});
      all.insert(all.end(), more.begin(), more.end());
    }
    return all;
  }

  // A success for the first pending intent that the recorded run does not wait for as well.
  std::optional<fsm::Outcome> unrecorded_outcome() const {
    for (const auto& [id, action] : would_be_.state.pending) {
      const std::string target = fsm::target_of(action);
      const bool recorded = std::ranges::any_of(was_.state.pending, [&](const auto& entry) {
        return fsm::target_of(entry.second) == target;
      });
      if (recorded || (target == target_ && !target_.empty())) continue;
      return fsm::Outcome{.intent = id,
                          .status = fsm::OutcomeStatus::kDone,
                          .detail = "assumed to have succeeded",
                          .uid = "what-if-" + target,
                          .digest = std::visit([](const auto& a) { return a.digest; }, action),
                          .fields = {}};
    }
    return std::nullopt;
  }

  void report(Sequence seq, std::vector<Decided> was, std::vector<Decided> would_be) {
    std::ranges::sort(was);
    std::ranges::sort(would_be);
    std::vector<Decided> gone;
    std::vector<Decided> added;
    std::ranges::set_difference(was, would_be, std::back_inserter(gone));
    std::ranges::set_difference(would_be, was, std::back_inserter(added));
    if (gone.empty() && added.empty()) return;
    different_ += 1;
    if (out_->json) {
      const json line = {
          {"cause", seq.value()}, {"without", lines_json(gone)}, {"with", lines_json(added)}};
      *out_->text << line.dump(-1, ' ', false, json::error_handler_t::replace) << "\n";
      return;
    }
    *out_->text << "record " << seq.value() << "\n";
    print(gone, "- ", Colour::kRed);
    print(added, "+ ", Colour::kGreen);
  }

  static json lines_json(const std::vector<Decided>& all) {
    json lines = json::array();
    for (const Decided& each : all)
      lines.push_back({{"decision", each.words}, {"writes", each.writes}});
    return lines;
  }

  void print(const std::vector<Decided>& all, std::string_view sign, Colour colour) const {
    for (const Decided& each : all) {
      *out_->text << "  " << out_->paint(concat(sign, each.words), colour) << "\n";
      for (const std::string& write : each.writes) *out_->text << "      " << write << "\n";
    }
  }

  const journal::Reader* reader_;
  const Selection* selection_;
  const Patch* patch_;
  const Out* out_;
  Run was_;
  Run would_be_;
  std::string target_;  // of the outcome that is looked at
  bool started_ = false;
  std::uint64_t different_ = 0;
};

}  // namespace

Result<bool> what_if(const journal::Reader& reader, const Selection& selection,
                     const ClusterUid& cluster, const Patch& patch, const Out& out) {
  return Experiment(reader, selection, patch, out).run(cluster);
}

}  // namespace annals::replay
