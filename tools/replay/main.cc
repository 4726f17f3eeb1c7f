// annals-replay: reads a journal and explains it. Offline by construction: it links neither the
// Kubernetes client nor any action.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "command_line.h"
#include "run.h"

int main(int argc, char** argv) {
  using namespace annals::replay;
  Typed typed;
  const std::unique_ptr<CLI::App> app = make_app(typed);
  try {
    app->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app->exit(error) == 0 ? kFine : kUsage;
  }
  const bool colour =
      !typed.no_colour && typed.no_colour_variable.empty() && ::isatty(STDOUT_FILENO) == 1;
  std::ios::sync_with_stdio(false);
  const Out out{.text = &std::cout, .json = typed.output == "json", .colour = colour};
  const int status = run(typed, *app, std::cin, out, std::cerr);
  std::cout.flush();
  return status;
}
