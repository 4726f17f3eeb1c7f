#include "command_line.h"

#include <CLI/CLI.hpp>
#include <utility>

namespace annals::replay {
namespace {

class Commands {
 public:
  Commands(CLI::App& app, Typed& typed) : app_(&app), typed_(&typed) {}

  void add_all() {
    add_global();
    add_reading();
    add_explaining();
    add_replaying();
    add_bundles();
    add_own();
  }

 private:
  CLI::App* add(Command command, const char* name, const char* help) {
    CLI::App* sub = app_->add_subcommand(name, help);
    sub->callback([typed = typed_, command] { typed->command = command; });
    return sub;
  }

  void add_global() {
    app_->add_option("--journal", typed_->journal,
                     "A journal's directory (of a running operator, at rest, or a checkpoint), or "
                     "the file of a bundle")
        ->type_name("PATH")
        ->capture_default_str();
    app_->add_option("-o,--output", typed_->output,
                     "text for people, json for programs; timeline and records print JSON lines")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    app_->add_flag("--no-color", typed_->no_colour,
                   "No colours, also on a terminal; NO_COLOR in the environment says the same");
    app_->add_option("--no-color-variable", typed_->no_colour_variable)
        ->envname("NO_COLOR")
        ->group("");
  }

  void add_cluster(CLI::App* sub) {
    sub->add_option("--cluster", typed_->clusters,
                    "Only this cluster, as NAMESPACE/NAME or UID; may be given again")
        ->type_name("CLUSTER");
  }
  void add_from(CLI::App* sub) {
    sub->add_option("--from", typed_->from, "From this record or time on (UTC)")
        ->type_name("SEQ|TIME");
  }
  void add_to(CLI::App* sub) {
    sub->add_option("--to", typed_->to, "Up to this record or time (UTC)")->type_name("SEQ|TIME");
  }
  void add_at(CLI::App* sub) {
    sub->add_option("--at", typed_->at, "As of this record or time (UTC); the newest without it")
        ->type_name("SEQ|TIME");
  }
  void add_range(CLI::App* sub) {
    add_cluster(sub);
    add_from(sub);
    add_to(sub);
  }
  void add_filters(CLI::App* sub) {
    add_range(sub);
    sub->add_option("--kind", typed_->kinds,
                    "Only fact, decision, intent, outcome, timer, command or marker; may be given "
                    "again")
        ->type_name("KIND");
    sub->add_option("--type", typed_->types,
                    "Only this type, such as pod-observed; may be given again")
        ->type_name("TYPE");
  }

  void add_reading() {
    CLI::App* verify = add(Command::kVerify, "verify",
                           "Check the chain of hashes and recompute every decision. Status 2 when "
                           "the same behaviour decides differently");
    add_range(verify);
    verify->add_flag("--hash", typed_->hash, "Print a hash of each state and of all decisions");
    verify->add_flag("--strict", typed_->strict,
                     "Status 2 also when only another behaviour than this program's differs");
    CLI::App* timeline = add(Command::kTimeline, "timeline", "Every record in words, a line each");
    add_filters(timeline);
    timeline->add_flag("--story", typed_->story,
                       "Only what a person would tell: requests, operations and what they wait "
                       "for, who leads, who is ready");
    CLI::App* records = add(Command::kRecords, "records", "Every record as a line of JSON");
    add_filters(records);
    records->add_flag("--recomputed", typed_->recomputed,
                      "What this program decides of the same inputs, instead of what is recorded");
    CLI::App* state =
        add(Command::kState, "state", "What the machines knew of a cluster, now or then");
    add_cluster(state);
    add_at(state);
    state->add_flag("--hash", typed_->hash, "Only the state's SHA-256");
    CLI::App* diff = add(Command::kDiff, "diff",
                         "How a cluster's state differs between two points. Status 2 when it does");
    add_range(diff);
  }

  void add_explaining() {
    CLI::App* why = add(Command::kWhy, "why",
                        "The causes of each write of an object, down to the person or tool");
    why->add_option("object", typed_->object, "KIND/NAME or NAME, such as Service/hippo-primary")
        ->type_name("OBJECT")
        ->required();
    add_range(why);
    CLI::App* why_not = add(Command::kWhyNot, "why-not",
                            "What keeps something from being done: refusals, and predicates now");
    why_not
        ->add_option("action", typed_->object,
                     "An object (KIND/NAME), a machine, a transition, or a part of a reason")
        ->type_name("ACTION")
        ->required();
    add_range(why_not);
    CLI::App* blockers = add(Command::kBlockers, "blockers",
                             "What every cluster waits for, until when, and what unblocks it");
    add_cluster(blockers);
    add_at(blockers);
  }

  void add_replaying() {
    CLI::App* step = add(Command::kStep, "step",
                         "Run a cluster's history step by step; 'help' tells the commands");
    add_range(step);
    CLI::App* compare = add(Command::kCompare, "compare",
                            "Decisions of another annals-replay on the same journal beside this "
                            "one's. Status 2 when they differ");
    compare->add_option("binary", typed_->binary, "The other version's annals-replay")
        ->type_name("OTHER-BINARY")
        ->required();
    add_range(compare);
    CLI::App* what_if = add(Command::kWhatIf, "what-if",
                            "Which decisions a change of a spec or of the operator's configuration "
                            "makes different. Status 2 when there are some");
    what_if->add_option("--patch", typed_->file, "A file of JSON: at, cluster, spec, configuration")
        ->type_name("FILE")
        ->required();
    add_range(what_if);
  }

  void add_bundles() {
    CLI::App* exporting = add(Command::kExport, "export",
                              "A part of the journal as one file, with all that replay needs");
    exporting->add_option("file", typed_->file, "The file to make")->type_name("FILE")->required();
    add_range(exporting);
    CLI::App* importing =
        add(Command::kImport, "import", "Make a directory of such a file, for reading only");
    importing->add_option("file", typed_->file, "The bundle")->type_name("FILE")->required();
    importing->add_option("directory", typed_->directory, "The directory to make")
        ->type_name("DIRECTORY")
        ->required();
  }

  void add_own() {
    add(Command::kManual, "manual", "Print the man page, in roff");
    add(Command::kCompletion, "completion", "Print the completion for bash");
  }

  CLI::App* app_;
  Typed* typed_;
};

}  // namespace

std::unique_ptr<CLI::App> make_app(Typed& typed) {
  auto app = std::make_unique<CLI::App>(
      "Reads a journal of the Annals operator and explains it. Writes nothing to it, and speaks to "
      "no cluster",
      "annals-replay");
  app->require_subcommand(1);
  app->fallthrough();
  app->footer(
      "Status: 0 fine, 1 called wrongly, 2 differences, 3 not found or not ours, 4 corrupt.");
  Commands(*app, typed).add_all();
  return app;
}

Result<Selection> selection_of(const Typed& typed) {
  Selection selection;
  const auto point = [](const char* option, const std::string& text,
                        std::optional<Point>& place) -> Result<void> {
    if (text.empty()) return {};
    const Result<Point> parsed = parse_point(option, text);
    if (!parsed) return fail(parsed.error());
    place = *parsed;
    return {};
  };
  Result<void> parsed = point("--from", typed.from, selection.from);
  if (parsed) parsed = point("--to", typed.to, selection.to);
  if (parsed) parsed = point("--at", typed.at, selection.to);
  if (!parsed) return fail(parsed.error());
  for (const std::string& text : typed.kinds) {
    const Result<journal::Kind> kind = parse_kind(text);
    if (!kind) return fail(kind.error());
    selection.kinds.insert(*kind);
  }
  selection.types.insert(typed.types.begin(), typed.types.end());
  return selection;
}

}  // namespace annals::replay
