#include "stepper.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include "fsm/codec/state_codec.h"
#include "fsm/text/sentence.h"
#include "history/history.h"
#include "replayer.h"
#include "words.h"

namespace annals::replay {
namespace {

constexpr std::string_view kHelp = R"(next [N]           run one input, or N
run                run to the next breakpoint, or the end
run transition T   run until a decision with this transition
run type T         run until an input of this type
run seq N          run up to record N
break [transition|type|seq X]   set a breakpoint, or show all
delete             remove all breakpoints
inputs             the predicates of the last decisions
state              the state after the last input
hash               its SHA-256
quit
)";

// Where a run stops.
struct Breakpoints {
  std::set<std::string> transitions;
  std::set<std::string> types;
  std::set<Sequence> seqs;

  bool empty() const { return transitions.empty() && types.empty() && seqs.empty(); }

  bool add(const std::string& what, const std::string& value) {
    if (value.empty()) return false;
    if (what == "transition") {
      transitions.insert(value);
      return true;
    }
    if (what == "type") {
      types.insert(value);
      return true;
    }
    const Result<Point> point = parse_point("seq", value);
    if (what != "seq" || !point || !point->seq) return false;
    seqs.insert(*point->seq);
    return true;
  }

  bool stop_at(const journal::Record& record, const Ran& ran) const {
    if (types.contains(record.type) || seqs.contains(record.seq)) return true;
    for (const fsm::Decision& decision : ran.decisions) {
      if (transitions.contains(decision.transition)) return true;
    }
    return false;
  }
};

class Session {
 public:
  Session(const journal::Reader& reader, const Selection& selection, ClusterUid cluster,
          const Out& out)
      : reader_(&reader),
        selection_(&selection),
        cluster_(std::move(cluster)),
        out_(&out),
        replayer_(reader) {}

  Result<void> run(std::istream& in) {
    Result<void> done = load();
    if (done) done = skip_to_beginning();
    if (!done) return done;
    const Result<Replayer::Stream*> stream = replayer_.stream(cluster_);
    if (!stream) return fail(stream.error());
    if ((*stream)->unreadable) return fail(*(*stream)->unreadable);
    *out_->text << inputs_.size() << " inputs; 'help' lists the commands\n";
    std::string line;
    while (prompt(), std::getline(in, line)) {
      const Result<bool> go_on = obey(line);
      if (!go_on) return fail(go_on.error());
      if (!*go_on) break;
    }
    return {};
  }

 private:
  void prompt() const { *out_->text << "(" << last_ << ") " << std::flush; }

  // Only where the inputs stand; each is read when its turn has come.
  Result<void> load() {
    return reader_->scan(cluster_, Sequence(1), history::kNewest, [&](journal::Record&& record) {
      if (selection_->is_over(record)) return false;
      if (history::is_input(record)) inputs_.push_back(record.seq);
      return true;
    });
  }

  Result<void> skip_to_beginning() {
    const std::optional<Point>& from = selection_->from;
    while (from && next_ < inputs_.size()) {
      const Result<journal::Record> record = reader_->read(inputs_[next_]);
      if (!record) return fail(record.error());
      if (!from->is_after(record->seq, record->time)) break;
      const Result<std::optional<Ran>> ran = take_next();
      if (!ran) return fail(ran.error());
    }
    return {};
  }

  // None for an input that is from before the oldest state that is kept.
  Result<std::optional<Ran>> take_next() {
    Result<journal::Record> record = reader_->read(inputs_[next_++]);
    if (!record) return fail(std::move(record).error());
    record_ = std::move(*record);
    last_ = record_.seq.value();
    return replayer_.take(record_);
  }

  // Runs and prints one input; true when a breakpoint is met.
  Result<bool> advance(const Breakpoints& stops) {
    Result<std::optional<Ran>> ran = take_next();
    if (!ran) return fail(std::move(ran).error());
    if (!*ran) return false;
    *out_->text << record_.seq.value() << "  " << out_->paint(to_string(record_.time), Colour::kDim)
                << "  " << out_->paint(in_words(record_), colour_of(record_.kind)) << "\n";
    for (const fsm::Decision& decision : (*ran)->decisions) {
      *out_->text << "    "
                  << out_->paint(concat(decision.machine, " ", decision.transition),
                                 Colour::kYellow)
                  << ": " << fsm::sentence(decision.reason) << "\n";
    }
    if (!(*ran)->decisions.empty()) decisions_ = (*ran)->decisions;
    return stops.stop_at(record_, **ran);
  }

  Result<void> run_to(const Breakpoints& stops, std::uint64_t most) {
    for (std::uint64_t count = 0; count < most && next_ < inputs_.size(); ++count) {
      const Result<bool> met = advance(stops);
      if (!met) return fail(met.error());
      if (*met) return {};
    }
    if (next_ == inputs_.size()) *out_->text << "end of the records\n";
    return {};
  }

  Result<void> run_command(const std::string& what, const std::string& value) {
    if (what.empty()) return run_to(breakpoints_, ~std::uint64_t{0});
    Breakpoints stops = breakpoints_;
    if (!stops.add(what, value)) {
      *out_->text << "run: give 'transition NAME', 'type NAME' or 'seq NUMBER'\n";
      return {};
    }
    return run_to(stops, ~std::uint64_t{0});
  }

  void break_command(const std::string& what, const std::string& value) {
    if (!what.empty() && !breakpoints_.add(what, value))
      *out_->text << "break: give 'transition NAME', 'type NAME' or 'seq NUMBER'\n";
    for (const std::string& each : breakpoints_.transitions)
      *out_->text << "transition " << each << "\n";
    for (const std::string& each : breakpoints_.types) *out_->text << "type " << each << "\n";
    for (const Sequence each : breakpoints_.seqs) *out_->text << "seq " << each.value() << "\n";
  }

  void print_inputs() const {
    for (const fsm::Decision& decision : decisions_) {
      *out_->text << decision.machine << " " << decision.transition << "\n";
      for (const fsm::Predicate& input : decision.inputs) {
        *out_->text << "  "
                    << out_->paint(input.holds ? "yes" : "NO ",
                                   input.holds ? Colour::kGreen : Colour::kRed)
                    << "  " << input.name << " (" << input.value << ")\n";
      }
    }
  }

  Result<void> print_state(bool hash) {
    const Result<Replayer::Stream*> stream = replayer_.stream(cluster_);
    if (!stream) return fail(stream.error());
    const fsm::ClusterState& state = (*stream)->state;
    *out_->text << (hash ? fsm::state_hash(state)
                         : nlohmann::json::parse(fsm::encode_state(state)).dump(2))
                << "\n";
    return {};
  }

  // False when the session is over.
  Result<bool> obey(const std::string& line) {
    std::istringstream words(line);
    std::string command;
    std::string what;
    std::string value;
    words >> command >> what >> value;
    Result<void> done;
    if (command == "quit" || command == "q") return false;
    if (command == "next" || command == "n" || command.empty()) {
      const Result<Point> count = parse_point("next", what.empty() ? "1" : what);
      done = run_to({}, count && count->seq ? count->seq->value() : 1);
    } else if (command == "run" || command == "r") {
      done = run_command(what, value);
    } else if (command == "break" || command == "b") {
      break_command(what, value);
    } else if (command == "delete") {
      breakpoints_ = {};
    } else if (command == "inputs" || command == "i") {
      print_inputs();
    } else if (command == "state" || command == "s" || command == "hash") {
      done = print_state(command == "hash");
    } else {
      *out_->text << (command == "help" ? "" : "unknown command '" + command + "'; commands:\n")
                  << kHelp;
    }
    if (!done) return fail(done.error());
    return true;
  }

  const journal::Reader* reader_;
  const Selection* selection_;
  ClusterUid cluster_;
  const Out* out_;
  Replayer replayer_;
  Breakpoints breakpoints_;
  std::vector<Sequence> inputs_;
  std::size_t next_ = 0;
  std::uint64_t last_ = 0;
  journal::Record record_;
  std::vector<fsm::Decision> decisions_;
};

}  // namespace

Result<void> step_through(const journal::Reader& reader, const Selection& selection,
                          const ClusterUid& cluster, std::istream& in, const Out& out) {
  return Session(reader, selection, cluster, out).run(in);
}

}  // namespace annals::replay
