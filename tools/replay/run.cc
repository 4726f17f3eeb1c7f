#include "run.h"

#include <istream>
#include <ostream>
#include <utility>

#include "bundles.h"
#include "compare.h"
#include "names.h"
#include "records.h"
#include "source.h"
#include "states.h"
#include "stepper.h"
#include "story.h"
#include "verify.h"
#include "what_if.h"
#include "why_not.h"

namespace annals::replay {
namespace {

// A journal with its names and what was selected of it.
struct Opened {
  Source source;
  Names names;
  Selection selection;

  const journal::Reader& reader() const { return source.reader(); }
};

Result<Opened> open(const Typed& typed, Selection selection) {
  Result<Source> source = Source::open(typed.journal);
  if (!source) return fail(std::move(source).error());
  Result<Names> names = Names::read(source->reader());
  if (!names) return fail(std::move(names).error());
  for (const std::string& text : typed.clusters) {
    Result<std::vector<ClusterUid>> found = names->find(text);
    if (!found) return fail(std::move(found).error());
    selection.clusters.insert(found->begin(), found->end());
  }
  return Opened{std::move(*source), std::move(*names), std::move(selection)};
}

// A command's result, with the status that it means.
using Ended = Result<int>;

Ended fine(const Result<void>& done) {
  if (!done) return fail(done.error());
  return kFine;
}

Ended run_verify(const Opened& journal, const Typed& typed, const Out& out) {
  const Result<Verdict> verdict = verify(journal.reader(), journal.selection);
  if (!verdict) return fail(verdict.error());
  print(*verdict, journal.names, typed.hash, out);
  const bool changed = typed.strict && verdict->changed.count > 0;
  return verdict->differences.count > 0 || changed ? kDifferences : kFine;
}

Ended run_records(const Opened& journal, const Typed& typed, const Out& out) {
  return fine(typed.recomputed
                  ? print_recomputed(journal.reader(), journal.selection, out)
                  : print_records(journal.reader(), journal.names, journal.selection, out));
}

Ended run_state(const Opened& journal, const Typed& typed, const Out& out) {
  const StateRequest request{.cluster = typed.clusters.empty() ? "" : typed.clusters.back(),
                             .at = journal.selection.to};
  return fine(typed.hash ? print_hash(journal.reader(), journal.names, request, out)
                         : print_state(journal.reader(), journal.names, request, out));
}

Ended run_diff(const Opened& journal, const Typed& typed, const Out& out) {
  const Selection& selection = journal.selection;
  const std::optional<Point> from = selection.from.value_or(Point{.seq = Sequence(), .time = {}});
  const Result<bool> differs =
      print_diff(journal.reader(), journal.names,
                 typed.clusters.empty() ? "" : typed.clusters.back(), from, selection.to, out);
  if (!differs) return fail(differs.error());
  return *differs ? kDifferences : kFine;
}

Ended run_step(const Opened& journal, const Typed& typed, std::istream& in, const Out& out) {
  const Result<ClusterUid> cluster =
      one_cluster(journal.names, typed.clusters.empty() ? "" : typed.clusters.back());
  if (!cluster) return fail(cluster.error());
  return fine(step_through(journal.reader(), journal.selection, *cluster, in, out));
}

Ended run_compare(const Opened& journal, const Typed& typed, const Out& out) {
  const Result<bool> differ = compare(journal.reader(), journal.names, journal.selection,
                                      journal.source.directory(), typed.binary, out);
  if (!differ) return fail(differ.error());
  return *differ ? kDifferences : kFine;
}

Ended run_what_if(const Opened& journal, const Typed& typed, const Out& out) {
  const Result<Patch> patch = read_patch(typed.file);
  if (!patch) return fail(patch.error());
  const std::string name = typed.clusters.empty() ? patch->cluster : typed.clusters.back();
  const Result<ClusterUid> cluster = one_cluster(journal.names, name);
  if (!cluster) return fail(cluster.error());
  const Result<bool> differ = what_if(journal.reader(), journal.selection, *cluster, *patch, out);
  if (!differ) return fail(differ.error());
  return *differ ? kDifferences : kFine;
}

Ended run_on(const Opened& journal, const Typed& typed, std::istream& in, const Out& out) {
  const journal::Reader& reader = journal.reader();
  switch (typed.command) {
    case Command::kVerify:
      return run_verify(journal, typed, out);
    case Command::kTimeline:
      return fine(typed.story ? summary(reader, journal.names, journal.selection, out)
                              : timeline(reader, journal.names, journal.selection, out));
    case Command::kRecords:
      return run_records(journal, typed, out);
    case Command::kState:
      return run_state(journal, typed, out);
    case Command::kDiff:
      return run_diff(journal, typed, out);
    case Command::kWhy:
      return fine(why(reader, journal.names, journal.selection, typed.object, out));
    case Command::kWhyNot:
      return fine(why_not(reader, journal.names, journal.selection, typed.object, out));
    case Command::kBlockers:
      return fine(print_blockers(reader, journal.names, journal.selection, out));
    case Command::kExport:
      return fine(export_to(reader, journal.selection, typed.file, out));
    case Command::kStep:
      return run_step(journal, typed, in, out);
    case Command::kCompare:
      return run_compare(journal, typed, out);
    case Command::kWhatIf:
      return run_what_if(journal, typed, out);
    case Command::kImport:
    case Command::kManual:
    case Command::kCompletion:
      break;
  }
  return kUsage;
}

Ended run_command(const Typed& typed, const CLI::App& app, Selection selection, std::istream& in,
                  const Out& out) {
  switch (typed.command) {
    case Command::kManual:
      *out.text << manual_page(app);
      return kFine;
    case Command::kCompletion:
      *out.text << bash_completion(app);
      return kFine;
    case Command::kImport:
      return fine(import_from(typed.file, typed.directory, out));
    default:
      break;
  }
  const Result<Opened> journal = open(typed, std::move(selection));
  if (!journal) return fail(journal.error());
  return run_on(*journal, typed, in, out);
}

}  // namespace

int status_of(const Error& error) { return error.code == Errc::kCorrupt ? kCorrupt : kNotFound; }

int run(const Typed& typed, const CLI::App& app, std::istream& in, const Out& out,
        std::ostream& errors) {
  Result<Selection> selection = selection_of(typed);
  if (!selection) {
    errors << "annals-replay: " << selection.error().detail << "\n";
    return kUsage;
  }
  const Ended ended = run_command(typed, app, std::move(*selection), in, out);
  if (ended) return *ended;
  errors << "annals-replay: " << to_string(ended.error()) << "\n";
  return status_of(ended.error());
}

}  // namespace annals::replay
