#include "fsm/desired_set.h"

#include <algorithm>
#include <optional>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/codec.h"
#include "fsm/instance_names.h"
#include "fsm/oscillation.h"
#include "fsm/patroni_config.h"
#include "manifests/desired.h"
#include "manifests/images.h"
#include "manifests/names.h"
#include "manifests/patroni.h"
#include "manifests/pgbackrest_config.h"
#include "manifests/volumes.h"
#include "spec/postgres_cluster.h"

namespace annals::fsm {
namespace {

constexpr int kPostgresPort = 5432;
constexpr int kWorkload = static_cast<int>(manifests::Rank::kWorkload);

void set_served(std::string& api_version, const ClusterState& state, const char* kind) {
  const auto served = state.config->served.find(kind);
  if (served != state.config->served.end()) api_version = served->second;
}

// Backups are of use to nobody while no instance runs, nor is to run.
bool is_any_instance_up(const ClusterState& state) {
  for (const auto& [set, names] : state.instances) {
    for (const std::string& name : names) {
      if (!state.stopped.contains(name)) return true;
    }
  }
  return state.instances.empty() || std::ranges::any_of(state.pods, [](const auto& entry) {
           return !entry.second.instance.empty();
         });
}

manifests::Observed observed_world(const ClusterState& state) {
  manifests::Observed world;
  world.uid = state.uid.value();
  world.images = state.config->images;
  set_served(world.cron_job_api, state, "CronJob");
  set_served(world.disruption_budget_api, state, "PodDisruptionBudget");
  world.bootstrapped = is_bootstrapped(state);
  world.replica_create_backup_complete = state.backup.phase == BackupPhase::kDone;
  for (const auto& [set, names] : state.instances) {
    for (const std::string& name : names)
      world.instances[set].push_back({.name = name, .running = !state.stopped.contains(name)});
  }
  world.repo_host_running = is_any_instance_up(state);
  for (const auto& [ref, object] : state.objects) {
    const auto requested = object.fields.find("requested");
    if (requested != object.fields.end()) world.requested[ref.name] = requested->second;
  }
  const ObjectRef leader{.api_version = "v1",
                         .kind = "Service",
                         .name_space = state.spec->name_space,
                         .name = manifests::names::leader(state.spec->name)};
  const auto service = state.objects.find(leader);
  if (service == state.objects.end()) return world;
  const auto address = service->second.fields.find("clusterIP");
  if (address != service->second.fields.end()) world.leader_cluster_ip = address->second;
  return world;
}

Wanted wanted_from(manifests::Desired desired) {
  Wanted wanted{.ref = {.api_version = std::move(desired.object.api_version),
                        .kind = std::move(desired.object.kind),
                        .name_space = std::move(desired.object.namespace_name),
                        .name = std::move(desired.object.name)},
                .target = {},
                .rank = static_cast<int>(desired.rank),
                .digest = {},
                .content = {}};
  wanted.target = to_string(wanted.ref);
  if (auto* manifest = std::get_if<manifests::Manifest>(&desired.content)) {
    wanted.digest = sha256_hex(manifest->json);
    wanted.content = std::move(manifest->json);
  } else {
    auto& recipe = std::get<manifests::SecretRecipe>(desired.content);
    wanted.digest = recipe_digest(recipe);
    wanted.content = std::move(recipe);
  }
  return wanted;
}

RunSql sql_of(const spec::PostgresCluster& cluster) {
  RunSql sql{
      .digest = {},
      .host = concat(manifests::names::primary(cluster.name), ".", cluster.namespace_name, ".svc"),
      .port = cluster.spec.port == 0 ? kPostgresPort : cluster.spec.port,
      .authority_secret = manifests::kRootAuthority,
      .databases = {},
      .users = {}};
  std::string text = concat(sql.host, ":", sql.port);
  for (const spec::User& user : spec::effective_users(cluster)) {
    sql.users.push_back({.name = user.name,
                         .secret = manifests::names::user_secret(cluster.name, user.name),
                         .databases = user.databases,
                         .options = user.options});
    text += concat("\nuser ", user.name, " ", user.options);
    for (const std::string& database : user.databases) {
      text += concat("\n  database ", database);
      if (std::ranges::find(sql.databases, database) == sql.databases.end())
        sql.databases.push_back(database);
    }
  }
  sql.digest = sha256_hex(text);
  return sql;
}

// Which repositories there are; when one becomes another, stanza and first backup begin anew.
std::string repositories_of(const spec::PostgresCluster& cluster) {
  std::string text = manifests::external_repositories_hash(cluster);
  for (const spec::Repository& repo : spec::repositories(cluster))
    text += concat("\n", repo.name, repo.volume ? " volume" : " external");
  return sha256_hex(text);
}

// A claim that asks for less than it has keeps what it has.
void keep_size(const manifests::Observed& world, Rendered& all, Wanted& wanted) {
  const auto before = world.requested.find(wanted.ref.name);
  auto* manifest = std::get_if<std::string>(&wanted.content);
  if (wanted.ref.kind != "PersistentVolumeClaim" || before == world.requested.end() ||
      manifest == nullptr)
    return;
  std::optional<std::string> kept = manifests::without_shrinking(*manifest, before->second);
  if (!kept) return;
  all.kept_sizes.push_back({.claim = wanted.ref.name,
                            .kept = before->second,
                            .asked = manifests::requested_storage(*manifest)});
  *manifest = *std::move(kept);
  wanted.digest = sha256_hex(*manifest);
}

Rendered render(ClusterState& state) {
  Rendered all;
  const spec::Reading reading = spec::read_postgres_cluster(state.spec->resource);
  for (const spec::Mistake& mistake : reading.findings.mistakes)
    all.mistakes.push_back(to_string(mistake));
  for (const spec::UnusedField& field : reading.findings.unused)
    all.not_acted_on.push_back(field.field);
  if (!all.mistakes.empty()) return all;
  name_instances(state, reading.cluster);
  const manifests::Observed world = observed_world(state);
  for (const manifests::MissingImage& missing : manifests::missing_images(reading.cluster, world)) {
    all.mistakes.push_back(concat("no image for the database: set ", missing.field, ", or ",
                                  missing.environment, " of the operator"));
  }
  if (!all.mistakes.empty()) return all;
  for (manifests::Desired& desired : manifests::desired_objects(reading.cluster, world)) {
    all.wanted.push_back(wanted_from(std::move(desired)));
    keep_size(world, all, all.wanted.back());
  }
  all.patroni = manifests::dynamic_configuration_text(reading.cluster, world);
  all.patroni_digest = sha256_hex(all.patroni);
  if (spec::has_backups(reading.cluster)) all.repositories = repositories_of(reading.cluster);
  all.sql = sql_of(reading.cluster);
  for (const spec::InstanceSet& set : reading.cluster.spec.instances)
    all.sets.emplace_back(set.name, set.replicas);
  all.resource = state.spec->resource;
  all.cluster = reading.cluster;
  all.world = world;
  return all;
}

// Most changes of an object change nothing that others are rendered from.
bool is_made_from_the_same(ClusterState& state) {
  const std::shared_ptr<const Rendered> last = state.rendered.last();
  if (!last || !last->mistakes.empty() || last->resource != state.spec->resource) return false;
  name_instances(state, last->cluster);
  return observed_world(state) == last->world;
}

// Why an object is written: the transition's name, and a sentence.
struct Cause {
  const char* transition;
  std::string reason;
  bool undoes_somebody = false;
  bool is_update = false;
  bool is_adoption = false;
};

std::string by_whom(const Actor& actor) {
  return actor.manager.empty()
             ? std::string()
             : concat(" by ", actor.manager, " (", actor.operation, " at ", actor.time, ")");
}

// Every cluster of the namespace writes it: that it was changed by us is no drift.
bool is_shared(const Wanted& wanted) {
  const auto* recipe = std::get_if<manifests::SecretRecipe>(&wanted.content);
  return recipe != nullptr && std::holds_alternative<manifests::RootAuthority>(*recipe);
}

// What is asked for. Certificates are asked of the authority that there is: another one has to sign
// them anew.
std::string asked_of(const ClusterState& state, const Wanted& wanted) {
  const auto* recipe = std::get_if<manifests::SecretRecipe>(&wanted.content);
  const auto* certificates =
      recipe == nullptr ? nullptr : std::get_if<manifests::CertificateSecret>(recipe);
  if (certificates == nullptr) return wanted.digest;
  ObjectRef ref = wanted.ref;
  ref.name = certificates->authority;
  const auto authority = state.objects.find(ref);
  if (authority == state.objects.end()) return wanted.digest;
  const auto certificate = authority->second.fields.find("authority");
  const bool is_known = certificate != authority->second.fields.end();
  return concat(wanted.digest, " by ", is_known ? certificate->second : authority->second.uid);
}

std::optional<Cause> cause_to_write(const ClusterState& state, const Wanted& wanted) {
  const auto object = state.objects.find(wanted.ref);
  const auto written = state.written.find(wanted.target);
  if (object == state.objects.end()) {
    if (written == state.written.end()) return Cause{"create", "does not exist yet"};
    return Cause{"restore", "is missing: somebody has deleted it", true};
  }
  if (written == state.written.end())
    return Cause{.transition = "adopt",
                 .reason = "exists, and whether it is as asked for is not known",
                 .is_adoption = true};
  const auto refused = state.refused.find(wanted.target);
  if (refused != state.refused.end() && refused->second.asked == wanted.digest) return std::nullopt;
  if (written->second.asked != asked_of(state, wanted))
    return Cause{.transition = "update", .reason = "is asked for differently", .is_update = true};
  if (is_shared(wanted) && object->second.actor.manager.empty()) return std::nullopt;
  if (!object->second.digest.empty() && object->second.digest != written->second.result) {
    return Cause{"undo-change", "was changed" + by_whom(object->second.actor), true};
  }
  return std::nullopt;
}

Action write_action(const ClusterState& state, const Wanted& wanted) {
  if (const auto* manifest = std::get_if<std::string>(&wanted.content)) {
    return ApplyObject{.ref = wanted.ref, .digest = wanted.digest, .manifest = *manifest};
  }
  return EnsureSecret{.ref = wanted.ref,
                      .digest = asked_of(state, wanted),
                      .recipe = std::get<manifests::SecretRecipe>(wanted.content)};
}

// Pods are made anew for a template that the spec asks for, and not for one that only another
// version of the operator, or one without memory, would write.
void note_leniency(ClusterState& state, const Wanted& wanted, const Cause& cause) {
  if (wanted.ref.kind != "StatefulSet" || cause.undoes_somebody) return;
  const bool by_us = (cause.is_adoption || cause.is_update) && state.operator_changed;
  if (by_us) {
    state.lenient.insert(wanted.ref.name);
  } else {
    state.lenient.erase(wanted.ref.name);
  }
}

std::string with_changes(const ClusterState& state, const Cause& cause) {
  if (!cause.is_update) return cause.reason;
  if (state.operator_changed) return cause.reason + ": the operator is another one";
  if (state.changes.text.empty()) return cause.reason;
  return concat(cause.reason, ": ", state.changes.text, state.changes.actor.empty() ? "" : " by ",
                state.changes.actor);
}

void write(StepBuilder& builder, const Wanted& wanted, const Cause& cause) {
  const std::string& target = wanted.target;
  const std::string reason = concat(target, " ", with_changes(builder.state(), cause));
  if (cause.undoes_somebody && !may_mend(builder, target, reason)) return;
  note_leniency(builder.state(), wanted, cause);
  builder.decide(
      {.machine = "desired-set",
       .transition = cause.transition,
       .reason = reason,
       .inputs = {{.name = "in-place", .value = target, .holds = false},
                  {.name = "asked-for", .value = wanted.digest.substr(0, 12), .holds = true}},
       .intents = {}},
      {write_action(builder.state(), wanted)});
}

}  // namespace

const Rendered& rendered(ClusterState& state) {
  if (!state.rendered.holds()) {
    if (is_made_from_the_same(state)) {
      state.rendered.confirm();
    } else {
      state.rendered.replace(std::make_shared<const Rendered>(render(state)));
    }
  }
  return *state.rendered.last();
}

bool in_place(const ClusterState& state, const Wanted& wanted) {
  return !cause_to_write(state, wanted);
}

const Wanted* first_not_in_place(ClusterState& state) {
  const std::vector<Wanted>& wanted = rendered(state).wanted;
  if (!state.rendered.has_looked()) {
    const auto missing =
        std::ranges::find_if_not(wanted, [&](const Wanted& each) { return in_place(state, each); });
    state.rendered.note_first_not_in_place(static_cast<std::size_t>(missing - wanted.begin()));
  }
  const std::size_t place = state.rendered.first_not_in_place();
  return place == wanted.size() ? nullptr : &wanted[place];
}

void ask_desired_set(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (first_not_in_place(state) == nullptr) return;
  const std::shared_ptr<const Rendered> all =
      state.rendered.last();     // a write may not render it anew under our feet
  std::optional<int> unsettled;  // the lowest rank with something that is not in place
  for (const Wanted& wanted : all->wanted) {
    if (unsettled && wanted.rank > *unsettled) break;
    // Nothing runs before its deletion can be held until it is stopped in order.
    if (wanted.rank >= kWorkload && !state.spec->finalized) break;
    const std::optional<Cause> cause = cause_to_write(state, wanted);
    if (!cause) continue;
    unsettled = wanted.rank;
    const std::string& target = wanted.target;
    if (is_pending(state, target) || is_waiting_to_retry(state, target)) continue;
    write(builder, wanted, *cause);
  }
}

}  // namespace annals::fsm
