// The command line: every command and option with its help text, once. What is parsed, the man
// page and the completion all come from here.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "selection.h"

namespace CLI {
class App;
}

namespace annals::replay {

enum class Command : std::uint8_t {
  kVerify,
  kTimeline,
  kRecords,
  kState,
  kDiff,
  kWhy,
  kWhyNot,
  kBlockers,
  kStep,
  kCompare,
  kWhatIf,
  kExport,
  kImport,
  kManual,
  kCompletion,
};

// What was typed; points, kinds and clusters still as text.
struct Typed {
  Command command = Command::kVerify;
  std::string journal = "/journal";
  std::string output = "text";
  bool no_colour = false;
  std::string no_colour_variable;  // NO_COLOR

  std::vector<std::string> clusters;
  std::string from;
  std::string to;
  std::string at;
  std::vector<std::string> kinds;
  std::vector<std::string> types;

  std::string object;     // of why, and the ACTION of why-not
  std::string file;       // of export, import and what-if
  std::string directory;  // that import makes
  std::string binary;     // of compare
  bool hash = false;
  bool recomputed = false;
  bool strict = false;
  bool story = false;
};

// The commands, writing into `typed`, which outlives the app.
std::unique_ptr<CLI::App> make_app(Typed& typed);

// The points and kinds of what was typed, without clusters. kInvalid names the option, the value
// and the remedy.
Result<Selection> selection_of(const Typed& typed);

// From the same descriptions: a man page in roff, and a completion for bash.
std::string manual_page(const CLI::App& app);
std::string bash_completion(const CLI::App& app);

}  // namespace annals::replay
