#include "story.h"

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "fsm/codec/codec.h"
#include "records.h"
#include "story_filter.h"
#include "words.h"

namespace annals::replay {
namespace {

using nlohmann::json;

constexpr std::size_t kSeqWidth = 7;
constexpr std::size_t kKindWidth = 8;

std::string line_of(const journal::Record& record, const Out& out, std::size_t kind_width = 0) {
  return concat(
      padded(annals::to_string(record.seq), kSeqWidth), "  ",
      out.paint(annals::to_string(record.time), Colour::kDim), "  ",
      out.paint(padded(journal::to_string(record.kind), kind_width), colour_of(record.kind)), "  ",
      in_words(record));
}

// A pod comes and goes with its StatefulSet as well.
bool is_runner_of(const std::string& target, const std::string& object) {
  const bool is_pod = object.starts_with("Pod/") && object.ends_with("-0");
  return is_pod && target == concat("StatefulSet/", object.substr(4, object.size() - 6));
}

bool names_it(const std::string& target, const std::string& object) {
  return target == object || target.ends_with("/" + object) || is_runner_of(target, object);
}

std::optional<fsm::SpecObserved> spec_of(const journal::Record& record) {
  if (record.type != "spec-observed" || record.expired) return std::nullopt;
  Result<fsm::Input> input = fsm::decode_input(record.type, record.payload);
  auto* spec = input ? std::get_if<fsm::SpecObserved>(&*input) : nullptr;
  if (spec == nullptr) return std::nullopt;
  return std::move(*spec);
}

fsm::Actor actor_of(const journal::Record& record) {
  if (record.expired) return {};
  const Result<fsm::Input> input = fsm::decode_input(record.type, record.payload);
  if (!input) return {};
  if (const auto* spec = std::get_if<fsm::SpecObserved>(&*input)) return spec->actor;
  if (const auto* object = std::get_if<fsm::ObjectObserved>(&*input)) return object->actor;
  return {};
}

// What asked for all that follows: the newest spec before a record, and who wrote it.
struct Request {
  Sequence seq;
  std::string words;
  fsm::Actor actor;
};

// One write and what explains it.
struct Chain {
  journal::Record intent;
  std::vector<journal::Record> causes;  // from the decision back to what came from outside
  std::vector<journal::Record> outcomes;
  std::optional<Request> request;
  Sequence missing;  // a cause that this journal does not hold
};

// Reads once through the records, keeps what the object's writes need, and looks causes up.
class StorySearch {
 public:
  StorySearch(const journal::Reader& reader, const std::string& object)
      : reader_(&reader), object_(&object) {}

  Result<void> run(const Selection& selection) {
    Selection all = selection;
    all.from.reset();  // the spec that was asked for may be older
    return scan(*reader_, all, [&](journal::Record&& record) {
      look_at(std::move(record), selection);
      return !error_;
    });
  }

  Result<std::vector<Chain>> chains() && {
    if (error_) return fail(std::move(*error_));
    return std::move(chains_);
  }

 private:
  void look_at(journal::Record&& record, const Selection& selection) {
    if (std::optional<fsm::SpecObserved> spec = spec_of(record)) {
      requests_[record.cluster] = {
          .seq = record.seq, .words = in_words(record), .actor = std::move(spec->actor)};
    }
    if (record.kind == journal::Kind::kOutcome) return add_outcome(std::move(record));
    if (record.kind != journal::Kind::kIntent || record.expired || !selection.takes(record)) return;
    const Result<fsm::IntentRecord> intent = fsm::decode_intent(record.payload);
    if (intent && names_it(intent->target, *object_)) explain(std::move(record));
  }

  void add_outcome(journal::Record&& record) {
    const auto chain = by_intent_.find(record.cause);
    if (chain != by_intent_.end()) chains_[chain->second].outcomes.push_back(std::move(record));
  }

  void explain(journal::Record&& intent) {
    Chain chain;
    for (Sequence cause = intent.cause; cause != Sequence();) {
      Result<journal::Record> record = reader_->read(cause);
      if (!record && record.error().code == Errc::kNotFound) {
        chain.missing = cause;
        break;
      }
      if (!record) {
        error_ = std::move(record).error();
        return;
      }
      cause = record->cause;
      chain.causes.push_back(std::move(*record));
    }
    const auto request = requests_.find(intent.cluster);
    if (request != requests_.end()) chain.request = request->second;
    by_intent_[intent.seq] = chains_.size();
    chain.intent = std::move(intent);
    chains_.push_back(std::move(chain));
  }

  const journal::Reader* reader_;
  const std::string* object_;
  std::map<ClusterUid, Request> requests_;
  std::map<Sequence, std::size_t> by_intent_;
  std::vector<Chain> chains_;
  std::optional<Error> error_;
};

// Who is behind it: the writer of the fact at the end, or of the spec that asks for the object.
std::string person_behind(const Chain& chain) {
  if (!chain.causes.empty()) {
    const std::string writer = in_words(actor_of(chain.causes.back()));
    if (!writer.empty()) return writer;
  }
  if (!chain.request) return "unknown: this journal has no earlier record of the spec";
  const std::string writer = in_words(chain.request->actor);
  return concat(writer.empty() ? "an unknown field manager" : writer, ", spec in record ",
                chain.request->seq);
}

void print_chain(const Chain& chain, const Out& out) {
  *out.text << line_of(chain.intent, out) << "\n";
  std::string indent = "  caused by ";
  for (const journal::Record& cause : chain.causes) {
    *out.text << indent << line_of(cause, out) << "\n";
    indent = "    " + indent;
  }
  if (chain.missing != Sequence())
    *out.text << indent << "record " << chain.missing.value() << ", not in this journal\n";
  *out.text << "  requested by " << out.paint(person_behind(chain), Colour::kCyan) << "\n";
  for (const journal::Record& outcome : chain.outcomes)
    *out.text << "  result     " << line_of(outcome, out) << "\n";
}

json chain_json(const Chain& chain, const Names& names) {
  json causes = json::array();
  for (const journal::Record& cause : chain.causes) causes.push_back(record_json(cause, names));
  json outcomes = json::array();
  for (const journal::Record& each : chain.outcomes) outcomes.push_back(record_json(each, names));
  return {{"intent", record_json(chain.intent, names)},
          {"causes", std::move(causes)},
          {"outcomes", std::move(outcomes)},
          {"askedForBy", person_behind(chain)}};
}

}  // namespace

Result<void> summary(const journal::Reader& reader, const Names& names, const Selection& selection,
                     const Out& out) {
  StoryFilter filter;
  const auto print = [&](const SummaryLine& line) {
    if (out.json) {
      *out.text << json{{"seq", line.seq.value()},
                        {"time", to_string(line.time)},
                        {"name", names.of(line.cluster)},
                        {"words", line.words}}
                       .dump(-1, ' ', false, json::error_handler_t::replace)
                << "\n";
      return;
    }
    *out.text << padded(to_string(line.seq), kSeqWidth) << "  "
              << out.paint(time_of_day(line.time), Colour::kDim) << "  " << line.words;
    if (selection.clusters.size() != 1)
      *out.text << out.paint("  " + names.of(line.cluster), Colour::kDim);
    *out.text << "\n";
  };
  const Result<void> scanned = scan(reader, selection, [&](journal::Record&& record) {
    if (const std::optional<SummaryLine> line = filter.take(record)) print(*line);
    return out.text->good();
  });
  if (const std::optional<SummaryLine> last = filter.finish()) print(*last);
  return scanned;
}

Result<void> timeline(const journal::Reader& reader, const Names& names, const Selection& selection,
                      const Out& out) {
  const bool one_cluster = selection.clusters.size() == 1;
  return scan(reader, selection, [&](journal::Record&& record) {
    if (out.json) {
      json line = record_json(record, names);
      line.erase("payload");
      line["words"] = in_words(record);
      *out.text << line.dump(-1, ' ', false, json::error_handler_t::replace) << "\n";
    } else {
      *out.text << line_of(record, out, kKindWidth);
      if (!one_cluster) *out.text << out.paint("  " + names.of(record.cluster), Colour::kDim);
      *out.text << "\n";
    }
    return out.text->good();
  });
}

Result<void> why(const journal::Reader& reader, const Names& names, const Selection& selection,
                 const std::string& object, const Out& out) {
  StorySearch search(reader, object);
  const Result<void> searched = search.run(selection);
  if (!searched) return searched;
  const Result<std::vector<Chain>> chains = std::move(search).chains();
  if (!chains) return fail(chains.error());
  if (chains->empty()) {
    return fail(Errc::kNotFound, "this journal has no write of '", object,
                "': give KIND/NAME as timeline prints it; 'why-not ", object,
                "' shows what blocks it");
  }
  if (out.json) {
    json all = json::array();
    for (const Chain& chain : *chains) all.push_back(chain_json(chain, names));
    *out.text << all.dump(2, ' ', false, json::error_handler_t::replace) << "\n";
    return {};
  }
  for (const Chain& chain : *chains) print_chain(chain, out);
  return {};
}

}  // namespace annals::replay
