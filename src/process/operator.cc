#include "process/operator.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <utility>

#include "actions/executor.h"
#include "actions/pod_resolver.h"
#include "api/http_server.h"
#include "api/metrics.h"
#include "base/clock.h"
#include "base/concat.h"
#include "base/log.h"
#include "journal/journal.h"
#include "k8s/client/client.h"
#include "k8s/credentials/in_cluster.h"
#include "k8s/credentials/kubeconfig.h"
#include "k8s/lease/lease.h"
#include "k8s/transport/transport.h"
#include "process/feature_gates.h"
#include "process/probes.h"
#include "process/rules.h"
#include "runtime/loop.h"
#include "runtime/served_kinds.h"
#include "runtime/watches.h"

namespace annals::process {
namespace {

namespace asio = boost::asio;

Result<k8s::Config> api_config(const Settings& settings) {
  if (!settings.kubeconfig.empty()) return k8s::load_kubeconfig(settings.kubeconfig);
  return k8s::in_cluster_config({.host = settings.service_host, .port = settings.service_port});
}

// With a kubeconfig we are outside of the cluster, where the names of pods mean nothing.
std::unique_ptr<actions::PodResolver> resolver_of(const Settings& settings, k8s::Client& client) {
  if (settings.kubeconfig.empty()) return std::make_unique<actions::NetworkResolver>();
  return std::make_unique<actions::ApiServerResolver>(client);
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += concat(all.empty() ? "" : ", ", text);
  return all;
}

k8s::LeaseOptions lease_options(const Settings& settings, const journal::Journal& journal) {
  k8s::LeaseOptions options;
  options.lease = {settings.name_space, settings.lease};
  options.identity = settings.identity;
  options.lock = journal.lock_id();
  const Result<std::optional<Sequence>> last = journal.reader().last();
  if (last && *last) {
    const Result<journal::Record> record = journal.reader().read(**last);
    if (record) options.at_least = record->epoch;
  }
  return options;
}

// Everything that lives as long as the process.
class Operator {
 public:
  Operator(asio::io_context& context, const Settings& settings, k8s::Config config,
           journal::Journal& journal, Log log, const MakeExecutor& make_executor);

  Result<void> recover();
  Result<void> serve();
  void start();
  void end();

 private:
  asio::awaitable<void> lead();
  asio::awaitable<void> give_up_lease();
  Probes::Checks checks();
  std::string server_trouble() const;
  void add_standby(api::Figures& figures, const runtime::Summary& cluster) const;
  api::Figures figures() const;
  void journal_failed(const std::string& why);

  asio::io_context& context_;
  const Settings& settings_;
  journal::Journal& journal_;
  SystemClock clock_;
  Log log_;
  bool replayed_ = false;
  api::Metrics metrics_{kVersion};
  k8s::Transport transport_;
  k8s::Client client_;
  std::unique_ptr<actions::PodResolver> resolver_;
  std::unique_ptr<actions::Executor> executor_;
  k8s::LeaderElection election_;
  runtime::Loop loop_;
  runtime::Watches watches_;
  Probes probes_;
  api::HttpServer server_;
};

Operator::Operator(asio::io_context& context, const Settings& settings, k8s::Config config,
                   journal::Journal& journal, Log log, const MakeExecutor& make_executor)
    : context_(context),
      settings_(settings),
      journal_(journal),
      log_(std::move(log)),
      transport_(context.get_executor(), std::move(config), clock_,
                 log_.child({{"component", "k8s"}}), metrics_),
      client_(transport_),
      resolver_(resolver_of(settings, client_)),
      executor_(make_executor ? make_executor(client_, clock_, *resolver_)
                              : std::make_unique<actions::Executor>(client_, clock_, *resolver_)),
      election_(client_, lease_options(settings, journal)),
      loop_({.executor = context.get_executor(),
             .journal = journal,
             .actions = *executor_,
             .clock = clock_,
             .log = log_.child({{"component", "runtime"}}),
             .may_write = [this] { return election_.leading(); },
             .fatal = [this](const std::string& why) { journal_failed(why); },
             .server_trouble = [this] { return server_trouble(); },
             .metrics = metrics_}),
      watches_(
          client_, loop_.shell(), loop_.tasks(), log_.child({{"component", "watch"}}),
          {.name_spaces = settings.target_namespaces, .initial_events = settings.initial_events}),
      probes_(checks(), metrics_),
      server_(
          context.get_executor(),
          [this](const api::Request& request) { return probes_.answer(request); },
          log_.child({{"component", "api"}})) {
  metrics_.ask([this] { return figures(); });
}

// Nothing may be written any more; a restart replays.
void Operator::journal_failed(const std::string& why) {
  log_.error("journal-failed", {{"error", why}});
  std::_Exit(1);
}

// A watch that the server ends in order begins anew within a second.
std::string Operator::server_trouble() const {
  constexpr Duration kTooLong = std::chrono::seconds(5);
  std::string trouble = transport_.server_state().unsteadiness(clock_.steady());
  return trouble.empty() ? watches_.stale_for(kTooLong) : trouble;
}

Probes::Checks Operator::checks() {
  using Trouble = std::optional<std::string>;
  return {.replayed = [this]() -> Trouble {
            return replayed_ ? Trouble() : "the journal is being replayed";
          },
          .journal = [this]() -> Trouble {
            const std::optional<Error> failure = journal_.failure();
            return failure ? Trouble(to_string(*failure)) : Trouble();
          },
          .lease = [this]() -> Trouble {
            if (election_.leading()) return {};
            const std::string holder = election_.holder();
            return holder.empty() ? concat("lease ", settings_.lease, " has no holder yet")
                                  : concat("lease ", settings_.lease, " is held by ", holder);
          },
          .watches = [this]() -> Trouble {
            const std::vector<std::string> missing = watches_.not_current();
            if (!missing.empty()) return joined(missing);
            return watches_.all_listed() ? Trouble() : "not started yet";
          }};
}

void Operator::add_standby(api::Figures& figures, const runtime::Summary& cluster) const {
  if (!cluster.standby) return;
  api::ClusterStandby standby = api::standby_now(*cluster.standby, clock_.now());
  if (settings_.metrics_per_cluster) {
    standby.name_space = cluster.name_space;
    standby.name = cluster.name;
    figures.standbys.push_back(std::move(standby));
  } else if (figures.standbys.empty()) {
    figures.standbys.push_back(std::move(standby));
  } else {
    api::merge(figures.standbys.front(), standby);
  }
}

api::Figures Operator::figures() const {
  api::Figures figures;
  loop_.shell().summaries([&](const runtime::Summary& cluster) {
    if (cluster.gone || cluster.name.empty()) return;
    figures.clusters += 1;
    figures.clusters_ready += cluster.ready ? 1 : 0;
    figures.clusters_stalled += cluster.stalled ? 1 : 0;
    figures.intents_pending += cluster.pending;
    for (std::size_t i = 0; i < fsm::kTroubles.size(); ++i)
      figures.clusters_in_trouble[i] += cluster.troubles >> i & 1U;
    api::ClusterBackups backups{.name_space = cluster.name_space,
                                .name = cluster.name,
                                .repositories = cluster.repositories,
                                .archiving_stopped_at = cluster.archiving_stopped_at};
    if (settings_.metrics_per_cluster) {
      figures.backups.push_back(std::move(backups));
    } else {
      if (figures.backups.empty()) figures.backups.emplace_back();
      api::merge(figures.backups.front(), backups);
    }
    add_standby(figures, cluster);
    if (!cluster.verified_at) return;
    figures.clusters_verified += 1;
    figures.verified_at =
        std::min(figures.verified_at.value_or(*cluster.verified_at), *cluster.verified_at);
  });
  figures.clusters_quarantined = loop_.shell().quarantined();
  figures.clusters_resident = loop_.shell().resident();
  figures.journal_sequence = journal_.head().seq.value();
  figures.ready = probes_.is_ready();
  return figures;
}

Result<void> Operator::recover() {
  Result<void> recovered = loop_.recover();
  replayed_ = recovered.has_value();
  return recovered;
}

Result<void> Operator::serve() {
  if (settings_.listen.empty()) return {};
  Result<void> listening = server_.listen(settings_.listen);
  if (!listening) return listening;
  log_.info("serving", {{"port", server_.port()}});
  loop_.tasks().spawn("api", server_.run());
  return {};
}

void Operator::start() { loop_.tasks().spawn("lead", lead()); }

asio::awaitable<void> Operator::lead() {
  log_.info("waiting-for-lease", {{"lease", settings_.lease}, {"identity", settings_.identity}});
  const Epoch epoch = co_await election_.acquire();
  log_.info("leading", {{"epoch", epoch}});
  runtime::ServedKinds served = co_await runtime::served_kinds(&client_, log_);
  loop_.start(epoch, settings_.identity,
              {.version = kVersion,
               .name_space = settings_.name_space,
               .images = settings_.images,
               .behaviour = fsm::kBehaviour,
               .served = served,
               .rules = std::string(rules()),
               .clone_across_namespaces = settings_.clone_across_namespaces == fsm::kCloneAllow
                                              ? std::string()
                                              : settings_.clone_across_namespaces,
               .keep_deleted_volumes = settings_.keep_deleted_volumes,
               .backup_topology_key = settings_.backup_topology_key,
               .standby_promotion = settings_.standby_promotion == fsm::kPromotionCompatible
                                        ? std::string()
                                        : settings_.standby_promotion});
  watches_.start(std::move(served));
  const std::string why = co_await election_.hold();
  log_.error("lease-lost", {{"reason", why}});
  context_.stop();
}

asio::awaitable<void> Operator::give_up_lease() {
  co_await election_.release();
  context_.stop();
}

void Operator::end() {
  log_.info("stopping");
  asio::co_spawn(context_, give_up_lease(), asio::detached);
}

// What was asked for and will not happen, once.
void tell_what_has_no_effect(const Settings& settings, const Log& log) {
  const FeatureGates gates = read_feature_gates(settings.feature_gates);
  if (!gates.unknown.empty()) log.warn("unknown-feature-gates", {{"gates", joined(gates.unknown)}});
  if (!gates.malformed.empty())
    log.warn("malformed-feature-gates", {{"gates", joined(gates.malformed)}});
  if (!gates.without_effect.empty())
    log.info("feature-gates-without-effect", {{"gates", joined(gates.without_effect)}});
  if (!settings.ignored.empty())
    log.info("environment-without-effect", {{"variables", joined(settings.ignored)}});
}

journal::Options journal_options(const Settings& settings, const Clock& clock) {
  journal::Options options;
  options.directory = settings.journal;
  options.clock = &clock;
  return options;
}

}  // namespace

int run(const Settings& settings, const MakeExecutor& make_executor) {
  const SystemClock clock;
  const Log log(log_to_stderr(settings.log_format), clock,
                settings.debug ? LogLevel::kDebug : LogLevel::kInfo);
  log.info("starting",
           {{"version", kVersion},
            {"namespaces",
             settings.target_namespaces.empty() ? "all" : joined(settings.target_namespaces)}});
  tell_what_has_no_effect(settings, log);
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
  Operator op(context, settings, std::move(*config), **journal, log, make_executor);
  if (const Result<void> serving = op.serve(); !serving) {
    log.error("not-serving", {{"error", to_string(serving.error())}});
    return 1;
  }
  if (const Result<void> recovered = op.recover(); !recovered) {
    log.error("not-recovered", {{"error", to_string(recovered.error())}});
    return 1;
  }
  asio::signal_set signals(context, SIGTERM, SIGINT);
  bool asked_to_end = false;
  signals.async_wait([&](boost::system::error_code error, int) {
    if (error) return;
    asked_to_end = true;
    op.end();
  });
  op.start();
  context.run();
  return asked_to_end ? 0 : 1;
}

}  // namespace annals::process
