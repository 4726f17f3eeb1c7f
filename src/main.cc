// annals-operator: reads its configuration, makes the parts, wires them together and runs them. No
// logic lives here.
#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include "actions/executor.h"
#include "base/clock.h"
#include "base/log.h"
#include "journal/journal.h"
#include "k8s/client.h"
#include "k8s/in_cluster.h"
#include "k8s/kubeconfig.h"
#include "k8s/lease.h"
#include "k8s/transport.h"
#include "runtime/loop.h"
#include "runtime/served_kinds.h"
#include "runtime/watches.h"

extern char** environ;

namespace annals {
namespace {

namespace asio = boost::asio;

constexpr const char* kVersion = "0.1.0";

struct Settings {
  std::string journal = "/journal";
  std::string kubeconfig;        // empty: the pod's own credentials
  std::string name_space;        // of the operator itself
  std::string target_namespace;  // empty: all
  std::string lease = "annals-leader";
  std::string identity;
  bool debug = false;
};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// All RELATED_IMAGE_* variables, as PGO has them.
std::map<std::string, std::string> related_images() {
  constexpr std::string_view kPrefix = "RELATED_IMAGE_";
  std::map<std::string, std::string> images;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view line(*entry);
    const std::size_t equals = line.find('=');
    if (!line.starts_with(kPrefix) || equals == std::string_view::npos) continue;
    images.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return images;
}

Result<k8s::Config> api_config(const Settings& settings) {
  if (!settings.kubeconfig.empty()) return k8s::load_kubeconfig(settings.kubeconfig);
  return k8s::in_cluster_config({.host = environment("KUBERNETES_SERVICE_HOST"),
                                 .port = environment("KUBERNETES_SERVICE_PORT")});
}

int read_settings(int argc, char** argv, Settings& settings) {
  settings.kubeconfig = environment("KUBECONFIG");
  settings.name_space = environment("PGO_NAMESPACE");
  settings.target_namespace = environment("PGO_TARGET_NAMESPACE");
  settings.debug = environment("CRUNCHY_DEBUG") == "true";
  settings.identity = environment("HOSTNAME");
  CLI::App app{"The Annals PostgreSQL operator", "annals-operator"};
  app.set_version_flag("--version", kVersion);
  app.add_option("--journal", settings.journal, "Directory of the journal")->capture_default_str();
  app.add_option("--kubeconfig", settings.kubeconfig,
                 "Run outside of a cluster, with this configuration");
  app.add_option("--namespace", settings.name_space, "Namespace of the operator and its lease");
  app.add_option("--target-namespace", settings.target_namespace, "Look after this namespace only");
  app.add_option("--lease", settings.lease, "Name of the lease that makes one operator the leader")
      ->capture_default_str();
  app.add_option("--identity", settings.identity, "Name of this process in the lease");
  app.add_flag("--debug", settings.debug, "Log why nothing is done, too");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }
  if (settings.name_space.empty()) settings.name_space = "postgres-operator";
  if (settings.identity.empty()) settings.identity = "annals";
  return -1;
}

// Everything that lives as long as the process.
struct Operator {
  Operator(asio::io_context& context, Settings chosen, k8s::Config config,
           journal::Journal& journal, Log to)
      : settings(std::move(chosen)),
        log(std::move(to)),
        transport(context.get_executor(), std::move(config), clock,
                  log.child({{"component", "k8s"}}), k8s::no_metrics()),
        client(transport),
        executor(client, clock),
        election(client, lease_options(settings, journal)),
        loop({.executor = context.get_executor(),
              .journal = journal,
              .actions = executor,
              .clock = clock,
              .log = log.child({{"component", "runtime"}}),
              .may_write = [this] { return election.leading(); },
              .fatal =
                  [this](const std::string& why) {
                    log.error("journal-failed", {{"error", why}});
                    std::_Exit(1);  // nothing may be written any more; a restart replays
                  }}),
        watches(client, loop.shell(), loop.tasks(), log.child({{"component", "watch"}}),
                settings.target_namespace) {}

  static k8s::LeaseOptions lease_options(const Settings& settings,
                                         const journal::Journal& journal) {
    k8s::LeaseOptions options;
    options.lease = {settings.name_space, settings.lease};
    options.identity = settings.identity;
    const Result<std::optional<Sequence>> last = journal.reader().last();
    if (last && *last) {
      const Result<journal::Record> record = journal.reader().read(**last);
      if (record) options.at_least = record->epoch;
    }
    return options;
  }

  Settings settings;
  SystemClock clock;
  Log log;
  k8s::Transport transport;
  k8s::Client client;
  actions::Executor executor;
  k8s::LeaderElection election;
  runtime::Loop loop;
  runtime::Watches watches;
};

asio::awaitable<void> lead(Operator& op, asio::io_context& context) {
  op.log.info("waiting-for-lease",
              {{"lease", op.settings.lease}, {"identity", op.settings.identity}});
  const Epoch epoch = co_await op.election.acquire();
  op.log.info("leading", {{"epoch", epoch}});
  runtime::ServedKinds served = co_await runtime::served_kinds(op.client, op.log);
  op.loop.start(epoch, op.settings.identity,
                {.version = kVersion,
                 .name_space = op.settings.name_space,
                 .images = related_images(),
                 .behaviour = fsm::kBehaviour,
                 .served = served});
  op.watches.start(std::move(served));
  const std::string why = co_await op.election.hold();
  op.log.error("lease-lost", {{"reason", why}});
  context.stop();
}

asio::awaitable<void> end(Operator& op, asio::io_context& context) {
  op.log.info("stopping");
  co_await op.election.release();
  context.stop();
}

journal::Options journal_options(const Settings& settings, const Clock& clock) {
  journal::Options options;
  options.directory = settings.journal;
  options.clock = &clock;
  return options;
}

int run(Settings settings) {
  const SystemClock clock;
  const Log log(log_to_stderr(), clock, settings.debug ? LogLevel::kDebug : LogLevel::kInfo);
  Result<k8s::Config> config = api_config(settings);
  if (!config) {
    log.error("no-api-server", {{"error", to_string(config.error())}});
    return 1;
  }
  Result<std::unique_ptr<journal::Journal>> journal =
      journal::Journal::open(journal_options(settings, clock));
  if (!journal) {
    log.error("no-journal", {{"error", to_string(journal.error())}});
    return 1;
  }
  asio::io_context context(1);
  Operator op(context, std::move(settings), std::move(*config), **journal, log);
  if (const Result<void> recovered = op.loop.recover(); !recovered) {
    log.error("not-recovered", {{"error", to_string(recovered.error())}});
    return 1;
  }
  asio::signal_set signals(context, SIGTERM, SIGINT);
  bool asked_to_end = false;
  signals.async_wait([&](boost::system::error_code error, int) {
    if (error) return;
    asked_to_end = true;
    asio::co_spawn(context, end(op, context), asio::detached);
  });
  op.loop.tasks().spawn("lead", lead(op, context));
  context.run();
  return asked_to_end ? 0 : 1;
}

}  // namespace
}  // namespace annals

int main(int argc, char** argv) {
  annals::Settings settings;
  const int status = annals::read_settings(argc, argv, settings);
  if (status >= 0) return status;
  return annals::run(std::move(settings));
}
