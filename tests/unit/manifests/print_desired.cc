// Prints the desired set of the PostgresCluster on standard input, as JSON, in YAML:
//   print_desired (apply|all) UID LEADER_ADDRESS BOOTSTRAPPED SET=SUFFIX... [ENVIRONMENT=IMAGE...]
//   < cluster.json
// `apply` leaves the recipes of Secrets out. LEADER_ADDRESS may be empty; BOOTSTRAPPED is yes or
// no. A tool for tries by hand; nothing of the product uses it.
#include <iostream>
#include <iterator>
#include <span>
#include <string>

#include "base/concat.h"
#include "manifests/names.h"
#include "tests/unit/manifests/render.h"

namespace annals::manifests {
namespace {

int run(std::span<char*> arguments) {
  if (arguments.size() < 5) {
    std::cerr << "usage: print_desired (apply|all) UID LEADER_ADDRESS STAGE NAME=VALUE...\n";
    return 1;
  }
  const std::string json{std::istreambuf_iterator<char>(std::cin), {}};
  const spec::Reading reading = spec::read_postgres_cluster(json);
  for (const auto& mistake : reading.findings.mistakes) std::cerr << to_string(mistake) << '\n';
  for (const auto& unused : reading.findings.unused) std::cerr << to_string(unused) << '\n';
  if (!reading.findings.mistakes.empty()) return 1;
  Observed observed;
  observed.uid = arguments[2];
  observed.bootstrap_state.leader_cluster_ip = arguments[3];
  const std::string stage = arguments[4];
  observed.bootstrap_state.bootstrapped = stage != "new";
  observed.bootstrap_state.replica_create_backup_complete = stage == "backed-up";
  observed.disruption_budget_api = "policy/v1beta1";  // where these tries are made, it is 1.20
  observed.cron_job_api = "batch/v1beta1";
  for (const char* const argument : arguments.subspan(5)) {
    const std::string text = argument;
    const std::size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const std::string value = text.substr(equals + 1);
    if (name.starts_with("RELATED_IMAGE_")) {
      observed.images[name] = value;
    } else {
      observed.instances[name].push_back({names::instance(reading.cluster.name, name, value)});
    }
  }
  const auto desired = desired_objects(reading.cluster, observed);
  std::cout << (std::string(arguments[1]) == "apply" ? applicable(desired) : rendered(desired));
  return 0;
}

}  // namespace
}  // namespace annals::manifests

int main(int argc, char** argv) {
  return annals::manifests::run({argv, static_cast<std::size_t>(argc)});
}
