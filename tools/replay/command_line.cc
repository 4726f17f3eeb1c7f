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
    app_->add_option(
            "--journal", typed_->journal,
            "Directory of a journal (its operator may be running) or of a checkpoint, or a "
            "bundle file")
        ->type_name("PATH")
        ->capture_default_str();
    app_->add_option("-o,--output", typed_->output,
                     "text or json; with json, timeline and records print one JSON object per line")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    app_->add_flag("--no-color", typed_->no_colour,
                   "No colours, even on a terminal; the same as NO_COLOR in the environment");
    app_->add_option("--no-color-variable", typed_->no_colour_variable)
        ->envname("NO_COLOR")
        ->group("");
  }

  void add_cluster(CLI::App* sub) {
    sub->add_option("--cluster", typed_->clusters,
                    "Only this cluster, as NAMESPACE/NAME or UID; may be repeated")
        ->type_name("CLUSTER");
  }
  void add_from(CLI::App* sub) {
    sub->add_option("--from", typed_->from, "First record or time (UTC), inclusive")
        ->type_name("SEQ|TIME");
  }
  void add_to(CLI::App* sub) {
    sub->add_option("--to", typed_->to, "Last record or time (UTC), inclusive")
        ->type_name("SEQ|TIME");
  }
  void add_at(CLI::App* sub) {
    sub->add_option("--at", typed_->at,
                    "State after this record or time (UTC); default: the newest")
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
                    "Only fact, decision, intent, outcome, timer, command or marker; may be "
                    "repeated")
        ->type_name("KIND");
    sub->add_option("--type", typed_->types,
                    "Only this type, such as pod-observed; may be repeated")
        ->type_name("TYPE");
  }

  void add_reading() {
    CLI::App* verify = add(Command::kVerify, "verify",
                           "Check the hash chain and recompute every decision. Exit status 2 if a "
                           "decision of the same behaviour version differs");
    add_range(verify);
    verify->add_flag("--hash", typed_->hash, "Print a hash of each state and of all decisions");
    verify->add_flag("--strict", typed_->strict,
                     "Exit status 2 also if only decisions of other behaviour versions differ");
    CLI::App* timeline =
        add(Command::kTimeline, "timeline", "Print every record as a line of text");
    add_filters(timeline);
    timeline->add_flag("--story", typed_->story,
                       "Summary: changes of the spec, operations and what they wait for, "
                       "primary, readiness, failures");
    CLI::App* records = add(Command::kRecords, "records", "Print every record as a line of JSON");
    add_filters(records);
    records->add_flag("--recomputed", typed_->recomputed,
                      "What this program decides on the same inputs, instead of what is recorded");
    CLI::App* state = add(Command::kState, "state",
                          "Print a cluster's state in the state machines, now or at a past point");
    add_cluster(state);
    add_at(state);
    state->add_flag("--hash", typed_->hash, "Print only the SHA-256 of the state");
    CLI::App* diff = add(Command::kDiff, "diff",
                         "Compare a cluster's state at two points. Exit status 2 if it differs");
    add_range(diff);
  }

  void add_explaining() {
    CLI::App* why =
        add(Command::kWhy, "why",
            "Why an object was written: the causes of each write, back to the user or tool");
    why->add_option("object", typed_->object, "KIND/NAME or NAME, such as Service/hippo-primary")
        ->type_name("OBJECT")
        ->required();
    add_range(why);
    CLI::App* why_not =
        add(Command::kWhyNot, "why-not",
            "Why something is not done: recorded refusals, and which conditions hold now");
    why_not
        ->add_option("action", typed_->object,
                     "An object (KIND/NAME), a machine, a transition, or a part of a reason")
        ->type_name("ACTION")
        ->required();
    add_range(why_not);
    CLI::App* blockers = add(Command::kBlockers, "blockers",
                             "What each cluster waits for, the deadline, and the remedy");
    add_cluster(blockers);
    add_at(blockers);
  }

  void add_replaying() {
    CLI::App* step = add(Command::kStep, "step",
                         "Replay a cluster's history step by step; 'help' lists the commands");
    add_range(step);
    CLI::App* compare = add(Command::kCompare, "compare",
                            "Compare the decisions of another version's annals-replay with this "
                            "one's. Exit status 2 if they differ");
    compare->add_option("binary", typed_->binary, "Path of the other version's annals-replay")
        ->type_name("OTHER-BINARY")
        ->required();
    add_range(compare);
    CLI::App* what_if = add(Command::kWhatIf, "what-if",
                            "Print the decisions that would differ with another spec or operator "
                            "configuration. Exit status 2 if there are any");
    what_if->add_option("--patch", typed_->file, "JSON file with at, cluster, spec, configuration")
        ->type_name("FILE")
        ->required();
    add_range(what_if);
  }

  void add_bundles() {
    CLI::App* exporting =
        add(Command::kExport, "export",
            "Write a part of the journal to one file, with everything replay needs");
    exporting->add_option("file", typed_->file, "The file to create")
        ->type_name("FILE")
        ->required();
    add_range(exporting);
    CLI::App* importing =
        add(Command::kImport, "import", "Unpack such a file into a directory, for reading only");
    importing->add_option("file", typed_->file, "The bundle file")->type_name("FILE")->required();
    importing->add_option("directory", typed_->directory, "The directory to create")
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
      "Reads and explains a journal of the Annals operator. It never writes to the journal and "
      "never "
      "connects to a cluster",
      "annals-replay");
  app->require_subcommand(1);
  app->fallthrough();
  app->footer(
      "Exit status: 0 success, 1 usage error, 2 differences, 3 not found or not supported, 4 "
      "corrupt.");
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
