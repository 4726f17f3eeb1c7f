#include "compare.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "other_program.h"
#include "records.h"
#include "structure.h"

namespace annals::replay {
namespace {

using nlohmann::json;

// What one program decides about one input.
struct Block {
  Sequence cause;
  ClusterUid cluster;
  std::vector<Recomputed> outputs;
};

// The other program's decisions, one input at a time.
class Theirs {
 public:
  explicit Theirs(OtherProgram& program) : program_(&program) {}

  // The next input that it decided about; none at the end.
  Result<std::optional<Block>> next() {
    if (!ahead_) {
      const Result<void> read = read_ahead();
      if (!read) return fail(read.error());
    }
    if (!ahead_) return std::nullopt;
    Block block{.cause = ahead_->cause, .cluster = ahead_->cluster, .outputs = {}};
    while (ahead_ && ahead_->cause == block.cause) {
      block.outputs.push_back(std::move(*ahead_));
      const Result<void> read = read_ahead();
      if (!read) return fail(read.error());
    }
    return block;
  }

 private:
  Result<void> read_ahead() {
    ahead_.reset();
    const std::optional<std::string> line = program_->line();
    if (!line) return {};
    Result<Recomputed> output = read_recomputed(*line);
    if (!output) return fail(std::move(output).error());
    ahead_ = std::move(*output);
    return {};
  }

  OtherProgram* program_;
  std::optional<Recomputed> ahead_;
};

json outputs_json(const std::vector<Recomputed>& outputs) {
  json all = json::array();
  for (const Recomputed& each : outputs)
    all.push_back(
        {{"kind", each.kind}, {"type", each.type}, {"payload", json::parse(each.payload)}});
  return all;
}

// Another version may say the same in better words.
bool are_alike(const std::vector<Recomputed>& ours, const std::vector<Recomputed>& theirs) {
  return std::ranges::equal(ours, theirs, [](const Recomputed& one, const Recomputed& other) {
    return one.kind == other.kind && one.type == other.type &&
           is_same_structure(one.payload, other.payload);
  });
}

class JournalComparison {
 public:
  JournalComparison(Theirs& theirs, const Names& names, const Out& out)
      : theirs_(&theirs), names_(&names), out_(&out) {}

  Result<void> start() { return advance(); }

  // Our decisions about one input; theirs about earlier ones are theirs alone.
  Result<void> meet(const Block& ours) {
    while (ahead_ && ahead_->cause < ours.cause) {
      report(*ahead_, {}, ahead_->outputs);
      const Result<void> advanced = advance();
      if (!advanced) return advanced;
    }
    if (!ahead_ || ahead_->cause != ours.cause) {
      report(ours, ours.outputs, {});
      return {};
    }
    if (are_alike(ours.outputs, ahead_->outputs)) {
      equal_ += 1;
    } else {
      report(ours, ours.outputs, ahead_->outputs);
    }
    return advance();
  }

  Result<bool> finish() {
    while (ahead_) {
      report(*ahead_, {}, ahead_->outputs);
      const Result<void> advanced = advance();
      if (!advanced) return fail(advanced.error());
    }
    if (!out_->json) {
      *out_->text << equal_ << " inputs have equal decisions, " << different_
                  << " have different ones\n";
    }
    return different_ > 0;
  }

 private:
  Result<void> advance() {
    Result<std::optional<Block>> next = theirs_->next();
    if (!next) return fail(std::move(next).error());
    ahead_ = std::move(*next);
    return {};
  }

  void report(const Block& where, const std::vector<Recomputed>& ours,
              const std::vector<Recomputed>& theirs) {
    different_ += 1;
    if (out_->json) {
      const json line = {{"cause", where.cause.value()},
                         {"cluster", where.cluster.value()},
                         {"name", names_->of(where.cluster)},
                         {"ours", outputs_json(ours)},
                         {"theirs", outputs_json(theirs)}};
      *out_->text << line.dump() << "\n";
      return;
    }
    *out_->text << "record " << where.cause.value() << " of " << names_->of(where.cluster) << "\n";
    for (const Recomputed& each : theirs)
      *out_->text << "  " << out_->paint(concat("theirs  ", each.payload), Colour::kRed) << "\n";
    for (const Recomputed& each : ours)
      *out_->text << "  " << out_->paint(concat("ours    ", each.payload), Colour::kGreen) << "\n";
  }

  Theirs* theirs_;
  const Names* names_;
  const Out* out_;
  std::optional<Block> ahead_;
  std::uint64_t equal_ = 0;
  std::uint64_t different_ = 0;
};

std::vector<std::string> command_of(const std::string& binary, const std::string& directory,
                                    const Selection& selection) {
  std::vector<std::string> command{binary, "records", "--recomputed", "--journal", directory};
  for (const ClusterUid& cluster : selection.clusters)
    command.insert(command.end(), {"--cluster", cluster.value()});
  const auto add = [&](const char* option, const std::optional<Point>& point) {
    if (!point) return;
    command.insert(command.end(),
                   {option, point->seq ? to_string(*point->seq) : to_string(*point->time)});
  };
  add("--from", selection.from);
  add("--to", selection.to);
  return command;
}

}  // namespace

Result<bool> compare(const journal::Reader& reader, const Names& names, const Selection& selection,
                     const std::string& directory, const std::string& binary, const Out& out) {
  // A running operator appends meanwhile: both look at what is there now.
  Selection fixed = selection;
  if (!fixed.to) {
    const Result<std::optional<Sequence>> last = reader.last();
    if (!last) return fail(last.error());
    fixed.to = Point{.seq = last->value_or(Sequence()), .time = {}};
  }
  Result<OtherProgram> program = OtherProgram::start(command_of(binary, directory, fixed));
  if (!program) return fail(std::move(program).error());
  Theirs theirs(*program);
  JournalComparison comparison(theirs, names, out);
  Result<void> met = comparison.start();
  Block block;
  const Result<void> ours = recompute(reader, fixed, [&](Recomputed&& output) {
    if (output.cause != block.cause) {
      if (met && !block.outputs.empty()) met = comparison.meet(block);
      block = {.cause = output.cause, .cluster = output.cluster, .outputs = {}};
    }
    block.outputs.push_back(std::move(output));
    return met.has_value();
  });
  if (!ours) return fail(ours.error());
  if (met && !block.outputs.empty()) met = comparison.meet(block);
  if (!met) return fail(met.error());
  // Its status first: what a program that failed did not say is no difference.
  const Result<bool> differ = comparison.finish();
  if (!differ) return differ;
  const Result<void> ended = program->finish();
  if (!ended) return fail(ended.error());
  return differ;
}

}  // namespace annals::replay
