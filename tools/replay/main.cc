// annals-replay: reads a journal and explains it. Offline by construction: it links neither the
// Kubernetes client nor any action. Exit status: 0 fine, 1 usage, 2 differences, 3 not found, 4
// corrupt.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>

#include "journal/reader.h"
#include "story.h"
#include "verify.h"

namespace annals::replay {
namespace {

enum Status : int { kFine = 0, kUsage = 1, kDifferences = 2, kNotFound = 3, kCorrupt = 4 };

int report(const Error& error) {
  std::cerr << "annals-replay: " << to_string(error) << "\n";
  return error.code == Errc::kNotFound ? kNotFound : kCorrupt;
}

int print(const Result<std::string>& text) {
  if (!text) return report(text.error());
  std::cout << *text;
  return kFine;
}

int print(const Result<Verdict>& verdict) {
  if (!verdict) return report(verdict.error());
  std::cout << verdict->records << " records, the chain verifies\n"
            << verdict->outputs << " decisions and intents recomputed identically from "
            << verdict->inputs << " inputs\n"
            << verdict->cut_off << " inputs whose decisions were not durable when a process ended\n"
            << verdict->differences.size() << " differences\n";
  for (const Difference& difference : verdict->differences) {
    std::cout << "record " << to_string(difference.cause) << "\n  recorded " << difference.recorded
              << "\n  computed " << difference.computed << "\n";
  }
  return verdict->differences.empty() ? kFine : kDifferences;
}

int run(int argc, char** argv) {
  CLI::App app{"Reads a journal of the Annals operator and explains it", "annals-replay"};
  app.require_subcommand(1);
  std::string directory = "/journal";
  app.add_option("--journal", directory, "A journal's directory, live or at rest, or a checkpoint")
      ->capture_default_str();
  CLI::App* verifying =
      app.add_subcommand("verify", "Check the chain and recompute every decision");
  CLI::App* telling = app.add_subcommand("timeline", "Every record, a line each");
  std::string cluster;
  telling->add_option("--cluster", cluster, "Only this cluster, by its UID");
  CLI::App* explaining = app.add_subcommand("why", "The causes of each write of an object");
  std::string object;
  explaining->add_option("object", object, "KIND/NAME or NAME, such as Service/hippo-primary")
      ->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kFine : kUsage;
  }
  const Result<std::unique_ptr<journal::Reader>> reader = journal::Reader::open(directory);
  if (!reader) return report(reader.error());
  if (verifying->parsed()) return print(verify(**reader));
  if (telling->parsed()) return print(timeline(**reader, cluster));
  return print(why(**reader, object));
}

}  // namespace
}  // namespace annals::replay

int main(int argc, char** argv) { return annals::replay::run(argc, argv); }
