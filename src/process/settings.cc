#include "process/settings.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "base/concat.h"
#include "fsm/model/fact.h"
#include "fsm/view/retention.h"

namespace annals::process {

#ifdef ANNALS_VERSION  // of the next version, with which upgrades are tested
const char* const kVersion = ANNALS_VERSION;
#else
const char* const kVersion = "0.1.0";
#endif

namespace {

using Environment = std::map<std::string, std::string, std::less<>>;

// What PGO knows and Annals has no use for. Each is named in the log when it is set.
constexpr std::array<std::string_view, 9> kWithoutEffect{
    "PGO_WORKERS",    "QUERIES_CONFIG_DIR",     "CHECK_FOR_UPGRADES",
    "PGO_BRIDGE_URL", "CHECK_FOR_UPGRADES_URL", "REGISTRATION_REQUIRED",
    "TOKEN_PATH",     "OTEL_TRACES_EXPORTER",   "OTEL_EXPORTER_OTLP_ENDPOINT"};

Environment read_environment(const char* const* environment) {
  Environment values;
  for (; *environment != nullptr; ++environment) {
    const std::string_view line(*environment);
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    values.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return values;
}

std::string value_of(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

// As PGO splits its lists of namespaces: at whatever cannot be part of a name.
void add_namespaces(std::string_view text, std::vector<std::string>& names) {
  const auto in_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  };
  std::string name;
  for (const char c : text) {
    if (in_name(c)) {
      name += c;
    } else if (!name.empty()) {
      names.push_back(std::exchange(name, {}));
    }
  }
  if (!name.empty()) names.push_back(std::move(name));
}

// Nobody is watched twice.
void sort_out(std::vector<std::string>& names) {
  std::ranges::sort(names);
  const auto doubles = std::ranges::unique(names);
  names.erase(doubles.begin(), doubles.end());
}

bool is_true(std::string_view text) { return text == "true" || text == "1" || text == "debug"; }

Settings from_environment(const Environment& environment) {
  Settings settings;
  settings.kubeconfig = value_of(environment, "KUBECONFIG");
  settings.service_host = value_of(environment, "KUBERNETES_SERVICE_HOST");
  settings.service_port = value_of(environment, "KUBERNETES_SERVICE_PORT");
  settings.name_space = value_of(environment, "PGO_NAMESPACE");
  add_namespaces(value_of(environment, "PGO_TARGET_NAMESPACE"), settings.target_namespaces);
  add_namespaces(value_of(environment, "PGO_TARGET_NAMESPACES"), settings.target_namespaces);
  const std::string lease = value_of(environment, "PGO_CONTROLLER_LEASE_NAME");
  if (!lease.empty()) settings.lease = lease;
  settings.identity = value_of(environment, "HOSTNAME");
  settings.feature_gates = value_of(environment, "PGO_FEATURE_GATES");
  settings.debug = is_true(value_of(environment, "CRUNCHY_DEBUG"));
  settings.initial_events = value_of(environment, "ANNALS_LISTS") == "events";
  if (value_of(environment, "ANNALS_LOG_FORMAT") == "text") settings.log_format = LogFormat::kText;
  for (const auto& [name, value] : environment) {
    if (name.starts_with("RELATED_IMAGE_") && !value.empty()) settings.images.emplace(name, value);
    if (!value.empty() && std::ranges::find(kWithoutEffect, name) != kWithoutEffect.end())
      settings.ignored.push_back(name);
  }
  return settings;
}

// A list that a script left empty must not come to mean all namespaces.
std::string objection_to_targets(const std::string& text) {
  std::vector<std::string> names;
  add_namespaces(text, names);
  return names.empty() ? "no namespace given: omit the option to watch all namespaces" : "";
}

std::string objection_to_retention(const std::string& text) {
  return fsm::retention_of(text)
             ? ""
             : concat("'", text,
                      "' is no time: give a number and a unit, such as 90s, 30m, "
                      "24h or 7d");
}

std::string objection_to_label(const std::string& text) {
  const bool is_label = std::ranges::all_of(text, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("-_./").contains(c);
  });
  return !text.empty() && is_label
             ? ""
             : concat("'", text,
                      "' is no label: give one that all nodes have with the same value, such as "
                      "topology.kubernetes.io/region, or none");
}

void describe(CLI::App& app, Settings& settings, std::vector<std::string>& targets) {
  app.set_version_flag("--version", kVersion);
  app.add_option("--journal", settings.journal, "Directory of the journal")->capture_default_str();
  app.add_option("--kubeconfig", settings.kubeconfig,
                 "kubeconfig, to run outside of the Kubernetes cluster");
  app.add_option("--namespace", settings.name_space, "Namespace of the operator and its Lease");
  app.add_option("--target-namespace", targets, "Watch only this namespace; may be repeated")
      ->check(objection_to_targets);
  app.add_option("--lease", settings.lease, "Name of the Lease for leader election")
      ->capture_default_str();
  app.add_option("--identity", settings.identity, "This process's holder identity in the Lease");
  app.add_option("--listen", settings.listen,
                 "ADDRESS:PORT of /livez, /readyz and /metrics; empty disables them")
      ->capture_default_str();
  app.add_option(
         "--clone-across-namespaces", settings.clone_across_namespaces,
         "Clones of clusters in other namespaces: allow; consent, by the source's annotation "
         "clone-namespaces; deny")
      ->check(CLI::IsMember({fsm::kCloneAllow, fsm::kCloneConsent, fsm::kCloneDeny}))
      ->capture_default_str();
  app.add_option("--keep-deleted-volumes", settings.keep_deleted_volumes,
                 "How long volumes of deleted clusters are kept, such as 7d; the annotation "
                 "deleted-volume-retention overrides it. Without it they are deleted")
      ->check(objection_to_retention);
  app.add_option("--backup-topology-key", settings.backup_topology_key,
                 "A label that all nodes share: by it pods of backups exclude each other. "
                 "Default: kubernetes.io/os; none: they do not")
      ->check(objection_to_label);
  app.add_option("--standby-promotion", settings.standby_promotion,
                 "Promotion of a standby where nobody knows whether its source still writes: "
                 "compatible, with a warning; guarded, after somebody has consented by the "
                 "annotation standby-promotion")
      ->check(CLI::IsMember({fsm::kPromotionCompatible, fsm::kPromotionGuarded}))
      ->capture_default_str();
  app.add_flag("--metrics-per-cluster", settings.metrics_per_cluster,
               "Metrics of repositories and standbys name each cluster: some 20 series for one");
  app.add_option("--log-format", settings.log_format, "json or text")
      ->transform(CLI::Transformer(std::map<std::string, LogFormat>{{"json", LogFormat::kJson},
                                                                    {"text", LogFormat::kText}}));
  app.add_flag("--debug", settings.debug,
               "Log debug messages: freshness of watches, and why they restart");
}

}  // namespace

Chosen choose(int argc, const char* const* argv, const char* const* environment) {
  Settings settings = from_environment(read_environment(environment));
  std::vector<std::string> targets;
  CLI::App app{"The Annals PostgreSQL operator", "annals-operator"};
  describe(app, settings, targets);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return {.settings = std::nullopt, .status = app.exit(error) == 0 ? 0 : 2};
  }
  if (!targets.empty()) {
    settings.target_namespaces.clear();
    for (const std::string& target : targets) add_namespaces(target, settings.target_namespaces);
  }
  sort_out(settings.target_namespaces);
  if (settings.name_space.empty()) settings.name_space = "postgres-operator";
  if (settings.identity.empty()) settings.identity = "annals";
  return {.settings = std::move(settings), .status = 0};
}

}  // namespace annals::process
