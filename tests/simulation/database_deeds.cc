#include "tests/simulation/database_deeds.h"

#include <optional>
#include <utility>

#include "base/concat.h"
#include "manifests/names.h"
#include "tests/simulation/manifest_text.h"

namespace annals::simulation {
namespace {

// Whom a configuration of Patroni makes follow; see Object::follows.
std::string followed_by(const std::string& configuration) {
  const std::size_t at = configuration.find("\"standby_cluster\":{");
  if (at == std::string::npos) return {};
  const std::string standby = configuration.substr(at, configuration.find('}', at) - at);
  const std::string host = text_member(standby, "host");
  return host.empty() ? "repository" : host;
}

// Whom it makes members ask; see Object::asks_first.
std::string asked_first(const std::string& configuration) {
  constexpr std::string_view kBegin = "' annals-leader-check ";
  const std::size_t at = configuration.find(kBegin);
  if (at == std::string::npos) return {};
  const std::size_t host = at + kBegin.size();
  return configuration.substr(host, configuration.find(' ', host) - host);
}

std::optional<std::string> kept_timeline_in(const std::string& configuration) {
  std::string timeline = text_member(configuration, manifests::kKeepTimeline);
  return timeline.empty() ? std::nullopt : std::optional(std::move(timeline));
}

bool may_rewind(const std::string& configuration) {
  return configuration.contains("\"use_pg_rewind\":true");
}

}  // namespace

Answer DatabaseDeeds::operator()(const fsm::RunSql& sql) {
  const Snapshot primary = leader_of(world_.server, cluster_.uid.value());
  const Snapshot authority = find_secret(world_, cluster_, sql.authority_secret);
  if (sql.host.empty() || sql.users.empty())
    world_.accuse("order", "SQL is sent without a host and users: of a spec that nobody can read");
  if (authority == nullptr) return std::unexpected("no authority to sign a certificate");
  if (primary == nullptr || world_.fault_state.database_down)
    return std::unexpected("cannot connect: connection refused");
  if (primary->pod.standby_leader) {
    world_.accuse("standby", "SQL is sent to a standby");
    return std::unexpected("cannot execute in a read-only transaction");
  }
  const Snapshot server = find_secret(world_, cluster_, cluster_.name + "-cluster-cert");
  if (server == nullptr || server->signed_by != authority->material)
    return std::unexpected("cannot connect: certificate verify failed");
  if (!sql.server.certificate_secret.empty() && server->trusts.empty())
    return std::unexpected("cannot connect: certificate verify failed");
  Database& database = world_.databases[cluster_.uid.value()];
  for (const std::string& name : sql.databases) database.databases.insert(name);
  for (const fsm::SqlUser& user : sql.users) {
    const Snapshot password = find_secret(world_, cluster_, user.secret);
    if (password == nullptr) return std::unexpected(concat("no Secret ", user.secret));
    database.users[user.name] = password->material;
  }
  commit(database, world_.schedule.now());
  return nullptr;
}

Answer DatabaseDeeds::operator()(const fsm::ConfigurePatroni& action) {
  const Snapshot authority = find_secret(world_, cluster_, action.authority_secret);
  const Snapshot primary = leader_of(world_.server, cluster_.uid.value());
  if (authority == nullptr) return std::unexpected("no authority to sign a certificate");
  const bool is_member = primary == nullptr
                             ? is_reached(action.host)
                             : action.host.starts_with(concat(primary->key.name, "."));
  if (!is_member) return std::unexpected("cannot connect: connection refused");
  const Key key = key_of(action.ref);
  const Snapshot store = world_.server.find(key);
  if (store == nullptr) return std::unexpected("503: Patroni has no configuration yet");
  if (store->fields.patroni->config != action.digest) {
    world_.writes[fsm::target_of(action)] += 1;
    if (action.configuration.contains("max_connections")) want_restart(action.configuration);
    const std::string followed = followed_by(action.configuration);
    // The action looks first, as an answer may come late.
    if (store->follows.empty() && !followed.empty())
      return std::unexpected("the cluster has a primary: it is made no standby");
    const Snapshot own =
        world_.server.find({"PostgresCluster", cluster_.name_space, cluster_.name});
    if (!store->follows.empty() && followed.empty() && own != nullptr)
      world_.followers.promote(*own, store->follows);
    if (!followed.empty() && own != nullptr)
      world_.followers.let_rewind(*own, may_rewind(action.configuration));
    world_.server.update(key, [&](Object& it) {
      fsm::PatroniFields& kept = it.fields.patroni.edit();
      kept.config = action.digest;
      it.follows = followed;
      it.asks_first = asked_first(action.configuration);
      if (followed.empty()) kept.standby.reset();
      kept.kept = kept_timeline_in(action.configuration);
    });
  }
  configured_ = action.digest;
  return nullptr;
}

// Refused for a member that leads; that one runs which does not is no better.
Answer DatabaseDeeds::operator()(const fsm::WriteConfiguration& action) {
  if (leader_of(world_.server, cluster_.uid.value()) != nullptr)
    return std::unexpected("a pod holds Patroni's lock");
  const Snapshot store = world_.server.find(key_of(action.ref));
  if (store == nullptr) return std::unexpected("404: no object keeps Patroni's configuration");
  for (const Snapshot& pod : pods_of(world_.server, cluster_.uid.value())) {
    if (!pod->instance.empty() && !world_.fault_state.watches_stall)
      world_.accuse("standby", concat("the configuration is written beside ", pod->key.name));
  }
  configured_ = action.digest;
  if (store->fields.patroni->config == action.digest) return nullptr;
  world_.writes[fsm::target_of(action)] += 1;
  const std::string followed = followed_by(action.configuration);
  const Snapshot own = world_.server.find({"PostgresCluster", cluster_.name_space, cluster_.name});
  if (store->follows.empty() && !followed.empty() && own != nullptr)
    world_.followers.demote(*own, may_rewind(action.configuration));
  world_.server.update(store->key, [&](Object& it) {
    fsm::PatroniFields& kept = it.fields.patroni.edit();
    kept.config = action.digest;
    it.follows = followed;
    it.asks_first = asked_first(action.configuration);
    if (!followed.empty()) kept.standby = "true";
    kept.kept = kept_timeline_in(action.configuration);
  });
  return nullptr;
}

Answer DatabaseDeeds::operator()(const fsm::AskPatroni& action) {
  if (find_secret(world_, cluster_, action.authority_secret) == nullptr)
    return std::unexpected("no authority to sign a certificate");
  if (!is_reached(action.host)) return std::unexpected("cannot connect: connection refused");
  for (const Snapshot& pod : pods_of(world_.server, cluster_.uid.value())) {
    if (pod->deleting || pod->pod.role.empty()) continue;
    const bool leads = pod->pod.role == "master";
    const int lag = pod->pod.member == "streaming" ? 0 : 4096;
    answered_[pod->key.name] =
        leads ? "leader running -" : concat("replica ", pod->pod.member, " ", lag);
  }
  return nullptr;
}

Answer DatabaseDeeds::operator()(const fsm::SwitchOver& action) {
  if (!is_reached(action.host)) return std::unexpected("cannot connect: connection refused");
  const Snapshot leader = leader_of(world_.server, cluster_.uid.value());
  if (leader != nullptr && leader->key.name == action.candidate) return nullptr;
  if (leader != nullptr && leader->key.name != action.leader)
    return std::unexpected(concat("pod ", leader->key.name, " leads"));
  const Snapshot candidate = world_.server.find({"Pod", cluster_.name_space, action.candidate});
  if (candidate == nullptr || candidate->deleting || !candidate->pod.ready)
    return std::unexpected("412: the candidate is not fit");
  world_.writes[fsm::target_of(action)] += 1;
  for (const Snapshot& pod : pods_of(world_.server, cluster_.uid.value())) {
    const char* role = pod->key.name == action.candidate ? "master" : "replica";
    if (pod->pod.role.empty() || pod->pod.role == role) continue;
    world_.server.update(pod->key, [&](Object& it) {
      it.pod.role = role;
      it.pod.member = pod->key.name == action.candidate ? "running" : "streaming";
    });
  }
  return nullptr;
}

Answer DatabaseDeeds::operator()(const fsm::RestartPostgres& action) {
  if (!is_reached(action.host)) return std::unexpected("cannot connect: connection refused");
  const Key key{"Pod", cluster_.name_space, action.pod};
  if (world_.server.find(key)->pod.pending_restart.empty()) return nullptr;
  world_.writes[fsm::target_of(action)] += 1;
  world_.server.update(key, [](Object& it) { it.pod.pending_restart.clear(); });
  return nullptr;
}

Answer DatabaseDeeds::operator()(const fsm::Checkpoint&) {
  const Snapshot primary = leader_of(world_.server, cluster_.uid.value());
  if (primary == nullptr || world_.fault_state.database_down)
    return std::unexpected("cannot connect: connection refused");
  for (const Snapshot& pod : pods_of(world_.server, cluster_.uid.value())) {
    if (pod->pod.member != kWaitsForWal) continue;
    world_.server.update(pod->key, [](Object& it) { it.pod.member = "streaming"; });
  }
  world_.controllers.poke();
  return nullptr;
}

Answer DatabaseDeeds::operator()(const fsm::RunInitSql& action) {
  const Snapshot primary = leader_of(world_.server, cluster_.uid.value());
  const Snapshot script = world_.server.find({"ConfigMap", cluster_.name_space, action.config_map});
  if (!action.forget && script == nullptr)
    return std::unexpected(concat("ConfigMap/", action.config_map, " does not exist"));
  if (primary == nullptr || primary->key.name != action.pod || world_.fault_state.database_down)
    return std::unexpected("psql ended with exit status 2");
  Database& database = world_.databases[cluster_.uid.value()];
  if (database.users.empty())
    world_.accuse("order", "the script is run before there are users and databases");
  if (action.forget) {
    database.mark.clear();
  } else if (database.mark != action.mark) {
    database.mark = action.mark;
    database.init_sql_runs += 1;
  }
  commit(database, world_.schedule.now());
  return nullptr;
}

// The library is the same in all pods.
Answer DatabaseDeeds::operator()(const fsm::ReadCollations& action) {
  const Snapshot primary = leader_of(world_.server, cluster_.uid.value());
  if (find_secret(world_, cluster_, action.authority_secret) == nullptr)
    return std::unexpected("no authority to sign a certificate");
  if (primary == nullptr || world_.fault_state.database_down)
    return std::unexpected("cannot connect: connection refused");
  if (world_.databases[cluster_.uid.value()].users.empty())
    world_.accuse("order", "collations are read before there are users and databases");
  collations_ = fsm::DifferingCollations();
  return nullptr;
}

Answer DatabaseDeeds::operator()(const fsm::ReadStandby& action) {
  const Snapshot leader = leader_of(world_.server, cluster_.uid.value());
  const Snapshot own = world_.server.find({"PostgresCluster", cluster_.name_space, cluster_.name});
  if (action.volume_only) {
    if (own == nullptr || !is_reached(concat(action.pod, ".")))
      return std::unexpected("the container does not run");
    standby_ = world_.followers.ask_other(*own, action);
    return nullptr;
  }
  if (find_secret(world_, cluster_, action.authority_secret) == nullptr)
    return std::unexpected("no authority to sign a certificate");
  if (leader == nullptr || own == nullptr || world_.fault_state.database_down)
    return std::unexpected("cannot connect: connection refused");
  const std::string followed = this->followed();
  if (!action.source.host.empty()) {
    if (!followed.empty()) return std::unexpected("it follows another one by now");
    standby_ = world_.followers.ask_other(*own, action);
    return nullptr;
  }
  if (followed.empty()) return std::unexpected("it follows nobody");
  standby_ = world_.followers.look(*own, followed, action);
  return nullptr;
}

// Whom it follows, by Patroni's own configuration.
std::string DatabaseDeeds::followed() const {
  for (const char* kind : {"Endpoints", "ConfigMap"}) {
    const Snapshot store =
        world_.server.find({kind, cluster_.name_space, concat(cluster_.name, "-ha-config")});
    if (store != nullptr && !store->follows.empty()) return store->follows;
  }
  return {};
}

// Whether a pod of that name in DNS runs Patroni.
bool DatabaseDeeds::is_reached(const std::string& host) const {
  const Snapshot pod =
      world_.server.find({"Pod", cluster_.name_space, host.substr(0, host.find('.'))});
  return pod != nullptr && !pod->deleting && !pod->pod.role.empty();
}

// A parameter that PostgreSQL reads only when it starts has another value.
void DatabaseDeeds::want_restart(const std::string& configuration) {
  const int wanted = number_member(configuration, "max_connections", 100);
  for (const Snapshot& pod : pods_of(world_.server, cluster_.uid.value())) {
    world_.server.update(pod->key, [&](Object& it) {
      it.pod.pending_restart = concat("max_connections 100 -> ", wanted);
    });
  }
}

}  // namespace annals::simulation
