// The man page and the completion, made from the descriptions of the command line.
#include <CLI/CLI.hpp>

#include "base/concat.h"
#include "command_line.h"

namespace annals::replay {
namespace {

// roff reads a leading dot or quote, backslashes and hyphens as its own.
std::string roff(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
  }
  return escaped.starts_with('.') || escaped.starts_with('\'') ? "\\&" + escaped : escaped;
}

std::vector<const CLI::Option*> shown(const CLI::App& app, bool positional) {
  std::vector<const CLI::Option*> options;
  for (const CLI::Option* option : app.get_options()) {
    const bool hidden = option->get_group().empty() || option->get_name() == "--help";
    const bool is_positional = option->get_name().front() != '-';
    if (!hidden && is_positional == positional) options.push_back(option);
  }
  return options;
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

// "-o, --output FORMAT"
std::string spelled(const CLI::Option& option) {
  std::string text = option.get_name(false, true);
  for (std::size_t at = text.find(','); at != std::string::npos; at = text.find(',', at + 2))
    text.replace(at, 1, ", ");
  return takes_value(option) ? concat(text, " ", option.get_type_name()) : text;
}

void add_options(std::string& page, const CLI::App& app) {
  for (const bool positional : {true, false}) {
    for (const CLI::Option* option : shown(app, positional)) {
      const std::string head = positional ? option->get_type_name() : spelled(*option);
      page += concat(".TP\n\\fB", roff(head), "\\fR\n", roff(option->get_description()), ".\n");
    }
  }
}

std::string words_of(const std::vector<const CLI::Option*>& options) {
  std::string words;
  for (const CLI::Option* option : options) words += concat(" --", option->get_lnames().front());
  return words;
}

}  // namespace

std::string manual_page(const CLI::App& app) {
  std::string page = ".TH ANNALS\\-REPLAY 1\n.SH NAME\n";
  page += "annals\\-replay \\- read and explain a journal of the Annals operator\n";
  page +=
      ".SH SYNOPSIS\n.B annals\\-replay\n[\\fIOPTION\\fR...] \\fICOMMAND\\fR "
      "[\\fIARGUMENT\\fR...]\n";
  page += concat(".SH DESCRIPTION\n", roff(app.get_description()), ".\n.SH OPTIONS\n");
  add_options(page, app);
  page += ".SH COMMANDS\n";
  for (const CLI::App* command : app.get_subcommands({})) {
    std::string arguments;
    for (const CLI::Option* option : shown(*command, true))
      arguments += concat(" ", option->get_type_name());
    page += concat(".SS ", roff(command->get_name() + arguments), "\n",
                   roff(command->get_description()), ".\n");
    add_options(page, *command);
  }
  page += concat(".SH \"EXIT STATUS\"\n", roff(app.get_footer()), "\n");
  page +=
      ".SH ENVIRONMENT\n.TP\n\\fBNO_COLOR\\fR\nIf it is set and not empty, no colours are used.\n";
  page += ".TP\n\\fBTMPDIR\\fR\nDirectory in which a bundle is unpacked while it is read.\n";
  page += ".SH \"SEE ALSO\"\ndocs/annals\\-replay.md, docs/journal\\-format.md\n";
  return page;
}

std::string bash_completion(const CLI::App& app) {
  std::string commands;
  std::string cases;
  for (const CLI::App* command : app.get_subcommands({})) {
    commands += concat(commands.empty() ? "" : " ", command->get_name());
    cases += concat("    ", command->get_name(), ") words+='", words_of(shown(*command, false)),
                    "' ;;\n");
  }
  const std::string global = words_of(shown(app, false));
  return concat(R"(# bash completion of annals-replay; made by 'annals-replay completion'.
_annals_replay() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command='' word words
  local commands=')",
                commands, R"('
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ " $commands " == *" $word "* ]]; then command=$word && break; fi
  done
  case $previous in
    --journal | --patch) mapfile -t COMPREPLY < <(compgen -f -- "$current") && return ;;
    -o | --output) mapfile -t COMPREPLY < <(compgen -W 'text json' -- "$current") && return ;;
    --kind)
      mapfile -t COMPREPLY < <(compgen -W 'fact decision intent outcome timer command marker' -- "$current")
      return ;;
    --cluster | --from | --to | --at | --type) return ;;
  esac
  words=')",
                global, R"( --help'
  case $command in
    '') words+=" $commands" ;;
)",
                cases, R"(  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  if [[ $current != -* && $command =~ ^(export|import|compare)$ ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}
complete -o filenames -F _annals_replay annals-replay
)");
}

}  // namespace annals::replay
