#include "fsm/view/rendering.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/codec/codec.h"
#include "fsm/text/say.h"
#include "fsm/view/instance_names.h"
#include "fsm/view/kept_volumes.h"
#include "fsm/view/members.h"
#include "fsm/view/other_cluster.h"
#include "fsm/view/patroni_store.h"
#include "fsm/view/place_rivals.h"
#include "fsm/view/renderings.h"
#include "fsm/view/repository_cipher.h"
#include "fsm/view/restore_progress.h"
#include "fsm/view/standby.h"
#include "manifests/cluster/desired.h"
#include "manifests/images.h"
#include "manifests/instance/patroni.h"
#include "manifests/instance/volumes.h"
#include "manifests/names.h"
#include "manifests/pgbackrest/clone_source.h"
#include "manifests/pgbackrest/pgbackrest_config.h"
#include "spec/pgbackrest_option_rules.h"

namespace annals::fsm {
namespace {

constexpr int kPostgresPort = 5432;

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

// Of what is none of this cluster's, while its data is restored, and before, where a pod of this
// cluster reads what there is of it.
const CloneOrigin* origin_of(const ClusterState& state) {
  if (!state.restore || !state.restore->clone) return nullptr;
  const CloneOrigin& origin = *state.restore->clone;
  const RestorePhase phase = state.restore->phase;
  const bool is_used =
      phase == RestorePhase::kRestoring || (phase == RestorePhase::kChecking && origin.by_reader);
  const bool is_own = origin.cluster.empty() && origin.store.empty();
  return is_used && !is_own ? &origin : nullptr;
}

manifests::CloneSource source_of(const CloneOrigin& origin, const std::string& cluster_domain) {
  const spec::PostgresCluster cluster = spec::read_postgres_cluster(origin.resource).cluster;
  if (origin.store.empty()) return manifests::clone_source(cluster, cluster_domain);
  const std::optional<spec::DataSource>& source = cluster.spec.data_source;
  return source && source->pgbackrest ? manifests::clone_source(cluster, *source->pgbackrest)
                                      : manifests::CloneSource();
}

bool is_in_store(const spec::PostgresCluster& cluster, const std::string& name) {
  return std::ranges::any_of(spec::repositories(cluster), [&name](const spec::Repository& repo) {
    return repo.name == name && !repo.volume;
  });
}

// No instance runs before the first data is there, nor while a data directory is half written.
bool is_reader_needed(const ClusterState& state, const spec::PostgresCluster& cluster) {
  if (!state.restore || state.restore->phase != RestorePhase::kChecking) return false;
  const RestoreProgress& its = *state.restore;
  if (its.clone) return its.clone->by_reader;
  if (!its.touched || !spec::has_backups(cluster)) return false;
  if (its.undo) return its.back_to && is_in_store(cluster, its.back_to->repo);
  const std::optional<spec::Restore>& restore = cluster.spec.backups->pgbackrest->restore;
  return restore && is_in_store(cluster, restore->source.repo_name);
}

// Scheduled backups do not begin while a restore in place goes on or is about to, nor from other
// repositories or another database on until there is a first backup again. They are suspended: a
// CronJob that is removed takes a backup along that it has begun.
bool are_schedules_to_rest(const ClusterState& state, const std::string& cron_job_api) {
  if (state.backup.phase == BackupPhase::kDone) return holds_up_backups(state);
  const auto first = state.objects.lower_bound(
      {.api_version = cron_job_api, .kind = "CronJob", .name_space = {}, .name = {}});
  return first != state.objects.end() && first->first.api_version == cron_job_api &&
         first->first.kind == "CronJob";
}

// Only where they matter: until then nothing is rendered anew because of them.
void take_repositories(const ClusterState& state, const spec::PostgresCluster& cluster,
                       manifests::Observed& world) {
  if (state.backup.phase != BackupPhase::kDone || !spec::has_backups(cluster)) return;
  for (const spec::Repository& repo : spec::repositories(cluster)) {
    if (!has_stanza(state, repo.name)) world.repositories_without_stanza.insert(repo.name);
  }
  if (state.backup.replica_repo != spec::repositories(cluster).front().name)
    world.replica_repo = state.backup.replica_repo;
}

std::set<std::string> withheld_repositories(const ClusterState& state,
                                            const spec::PostgresCluster& cluster) {
  std::set<std::string> withheld;
  // A standby reads there, and writes nothing.
  if (state.rivals.empty() || follows_another(state, cluster)) return withheld;
  for (const RepositoryPlace& place : repository_places(cluster)) {
    if (holder_of(state, place) != nullptr) withheld.insert(place.repo);
  }
  return withheld;
}

std::set<std::string> stanzas_failed(const ClusterState& state) {
  std::set<std::string> failed;
  for (const auto& [repo, its] : state.backup.stanzas)
    if (!its.created && its.last_failure) failed.insert(repo);
  return failed;
}

manifests::Observed observed_world(const ClusterState& state,
                                   const spec::PostgresCluster& cluster) {
  manifests::Observed world;
  world.uid = state.uid.value();
  world.images = state.config->images;
  world.backup_topology_key = state.config->backup_topology_key;
  set_served(world.cron_job_api, state, "CronJob");
  set_served(world.disruption_budget_api, state, "PodDisruptionBudget");
  world.config_maps = keeps_config_maps(state, cluster);
  world.bootstrap_state.bootstrapped = is_configured(state);
  world.bootstrap_state.failsafe = keeps_failsafe(state);
  world.bootstrap_state.replica_create_backup_complete = state.backup.phase == BackupPhase::kDone;
  for (const auto& [set, names] : state.instances) {
    for (const std::string& name : names)
      world.instances[set].push_back(
          {.name = name, .running = !state.stopped.contains(name) && may_run(state, name)});
  }
  world.bootstrap_state.restored = is_to_be_bootstrapped(state);
  if (const CloneOrigin* origin = origin_of(state))
    world.source = source_of(*origin, world.cluster_domain);
  world.reads_repository = is_reader_needed(state, cluster);
  world.repository_moves = is_repository_moving(state);
  world.schedules_rest = are_schedules_to_rest(state, world.cron_job_api);
  take_repositories(state, cluster, world);
  if (spec::has_backups(cluster)) world.ciphers_before = ciphers_before(state, cluster);
  world.stanzas_failed = stanzas_failed(state);
  world.withheld_repositories = withheld_repositories(state, cluster);
  world.keeps_primary = keeps_primary(state, cluster);
  world.asks_before_it_leads = asks_before_it_leads(state, cluster);
  world.kept_timeline = kept_timeline(state, cluster);
  world.repo_host_running = is_any_instance_up(state) || is_restoring(state);
  for (const auto& [ref, object] : state.objects) {
    if (!is_claim(ref) || is_kept_for_another(state, object)) continue;
    const std::optional<std::string>& requested = object.fields.claim->requested;
    if (requested) world.requested[ref.name] = *requested;
    const std::optional<std::string>& usual = object.fields.claim->stands_for;
    if (usual) world.adopted[*usual] = {.name = ref.name, .uid = object.uid};
  }
  // What is asked for now wins over what was adopted before it.
  if (state.restore) {
    const bool is_new = state.restore->clone && state.restore->phase <= RestorePhase::kRestoring;
    for (const auto& [usual, volume] : adopted_volumes(*state.restore))
      world.adopted[usual] = {.name = volume.claim, .uid = volume.uid, .fresh = is_new};
  }
  const ObjectRef leader{.api_version = "v1",
                         .kind = "Service",
                         .name_space = state.spec->name_space,
                         .name = manifests::names::leader(state.spec->name)};
  const std::optional<std::string>& address = fields_of(state, leader).service->cluster_ip;
  if (address) world.bootstrap_state.leader_cluster_ip = *address;
  return world;
}

Wanted wanted_from(manifests::Desired desired) {
  Wanted wanted{.ref = {.api_version = std::move(desired.object.api_version),
                        .kind = std::move(desired.object.kind),
                        .name_space = std::move(desired.object.namespace_name),
                        .name = std::move(desired.object.name)},
                .target = {},
                .rank = static_cast<int>(desired.rank),
                .bootstrap_input = desired.bootstrap_input,
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

CustomTlsIdentity server_identity(const spec::PostgresCluster& cluster) {
  const auto custom_tls = manifests::custom_tls_for_server(cluster);
  if (!custom_tls) return {};
  return {.authorities_secret = manifests::names::server_certificate(cluster.name),
          .certificate_secret = custom_tls->secret,
          .certificate_key = custom_tls->certificate_key};
}

RunSql sql_of(const spec::PostgresCluster& cluster) {
  RunSql sql{
      .digest = {},
      .host = concat(manifests::names::primary(cluster.name), ".", cluster.namespace_name, ".svc"),
      .port = cluster.spec.port == 0 ? kPostgresPort : cluster.spec.port,
      .authority_secret = manifests::kRootAuthority,
      .server = server_identity(cluster),
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

void render_patroni(Rendered& all) {
  all.patroni = manifests::dynamic_configuration_text(all.cluster, all.world);
  all.patroni_digest = sha256_hex(all.patroni);
}

void keep_sizes(Rendered& all) {
  for (Wanted& wanted : all.wanted) keep_size(all.world, all, wanted);
}

std::pair<int, manifests::BootstrapInput> rank_and_lesson(const Wanted& wanted) {
  return {wanted.rank, wanted.bootstrap_input};
}

void replace(Rendered& all, manifests::BootstrapInput bootstrap_input) {
  std::erase_if(all.wanted,
                [&](const Wanted& wanted) { return wanted.bootstrap_input == bootstrap_input; });
  for (manifests::Desired& desired :
       manifests::objects_of(bootstrap_input, all.cluster, all.world)) {
    Wanted wanted = wanted_from(std::move(desired));
    const auto place =
        std::ranges::upper_bound(all.wanted, rank_and_lesson(wanted), {}, rank_and_lesson);
    all.wanted.insert(place, std::move(wanted));
  }
}

// `reading` is of `resource`, and without mistakes.
Rendered render(Rendered reading, manifests::Observed world) {
  Rendered all = std::move(reading);
  const spec::PostgresCluster& cluster = all.cluster;
  for (const manifests::MissingImage& missing : manifests::missing_images(cluster, world)) {
    all.mistakes.push_back(say::database_image_missing(missing.field, missing.environment));
  }
  for (std::string& mistake : manifests::mistakes_in_custom_tls(cluster))
    all.mistakes.push_back(literal(std::move(mistake)));
  std::ranges::move(changed_ciphers(cluster, world.ciphers_before),
                    std::back_inserter(all.mistakes));
  if (!all.mistakes.empty()) return all;
  all.world = std::move(world);
  for (manifests::Desired& desired : manifests::desired_objects(cluster, all.world))
    all.wanted.push_back(wanted_from(std::move(desired)));
  keep_sizes(all);
  render_patroni(all);
  if (spec::has_backups(cluster)) all.repositories = repositories_of(cluster);
  all.places = repository_places(cluster);
  all.sql = sql_of(cluster);
  for (const spec::InstanceSet& set : cluster.spec.instances)
    all.sets.emplace_back(set.name, set.replicas);
  return all;
}

// The remedy is the spec's wording.
Message message_of(const spec::Mistake& mistake) {
  if (mistake.value.empty()) return say::spec_field_missing(mistake.field, mistake.remedy);
  return say::spec_mistake(mistake.field, mistake.value, mistake.remedy);
}

// What is asked again and again of options that hardly anybody has.
void read_backups(Rendered& all) {
  if (!spec::has_backups(all.cluster)) return;
  const spec::PgBackRest& backups = *all.cluster.spec.backups->pgbackrest;
  all.options_of_some_versions = spec::options_of_some_versions(backups);
  for (const spec::Repository& repo : backups.repos) {
    const auto block = backups.global.find(concat(repo.name, "-block"));
    if (block != backups.global.end() && block->second == "y")
      all.block_repositories.push_back(repo.name);
  }
}

// What the spec says by itself. With mistakes nothing else is read from it.
Rendered read(const std::string& resource) {
  Rendered all;
  spec::Reading reading = spec::read_postgres_cluster(resource);
  for (const spec::Mistake& mistake : reading.findings.mistakes)
    all.mistakes.push_back(message_of(mistake));
  for (const spec::Mistake& doubt : reading.findings.doubts)
    all.doubts.push_back(message_of(doubt));
  for (const spec::UnusedField& field : reading.findings.unused)
    all.not_acted_on.push_back(field.field);
  if (!all.mistakes.empty()) return all;
  all.resource = resource;
  all.cluster = std::move(reading.cluster);
  read_backups(all);
  return all;
}

// What is learnt while the cluster comes up makes a few objects, and what a claim asks for by now
// makes that claim. Where nothing else is new, all others stay as they are.
bool is_renewable(const Rendered& last, const manifests::Observed& world) {
  manifests::Observed before = last.world;
  before.bootstrap_state = world.bootstrap_state;
  before.requested = world.requested;
  // Of a claim that was kept, what the spec asked for is no longer known.
  return before == world && last.kept_sizes.empty();
}

Rendered renew(Rendered all, manifests::Observed world) {
  const auto bootstrap_inputs =
      manifests::inputs_between(all.world.bootstrap_state, world.bootstrap_state);
  all.world = std::move(world);
  for (const manifests::BootstrapInput bootstrap_input : bootstrap_inputs) {
    replace(all, bootstrap_input);
    if (bootstrap_input == manifests::BootstrapInput::kBootstrapped) render_patroni(all);
  }
  keep_sizes(all);
  return all;
}

// The same, without what was rendered from it.
Rendered reading_of(Rendered last) {
  Rendered all;
  all.doubts = std::move(last.doubts);
  all.options_of_some_versions = std::move(last.options_of_some_versions);
  all.block_repositories = std::move(last.block_repositories);
  all.not_acted_on = std::move(last.not_acted_on);
  all.resource = std::move(last.resource);
  all.cluster = std::move(last.cluster);
  return all;
}

// Whoever else holds it keeps it as it is.
Rendered taken(const std::shared_ptr<Rendered>& last) {
  return last.use_count() == 1 ? std::move(*last) : *last;
}

// Whether somebody else has made it already.
bool take_shared(ClusterState& state) {
  const Renderings* renderings = state.rendered.renderings();
  if (renderings == nullptr) return false;
  const std::string& resource = state.spec->resource;
  const std::shared_ptr<const Rendered> reading = renderings->any_of(resource);
  if (reading == nullptr) return false;
  name_instances(state, reading->cluster);
  std::shared_ptr<Rendered> same =
      renderings->find(resource, observed_world(state, reading->cluster));
  if (same == nullptr) return false;
  state.rendered.share(std::move(same));
  return true;
}

void render_anew(ClusterState& state) {
  if (take_shared(state)) return;
  const Rendered* last = state.rendered.last();
  const bool is_known =
      last != nullptr && last->mistakes.empty() && last->resource == state.spec->resource;
  Rendered reading = is_known ? Rendered() : read(state.spec->resource);
  if (!reading.mistakes.empty()) return state.rendered.replace(std::move(reading));
  const spec::PostgresCluster& cluster = is_known ? last->cluster : reading.cluster;
  name_instances(state, cluster);
  manifests::Observed world = observed_world(state, cluster);
  if (!is_known) return state.rendered.replace(render(std::move(reading), std::move(world)));
  if (world == last->world) return state.rendered.confirm();
  const bool is_enough = is_renewable(*last, world);
  Rendered all = taken(state.rendered.release());
  state.rendered.replace(is_enough ? renew(std::move(all), std::move(world))
                                   : render(reading_of(std::move(all)), std::move(world)));
}

}  // namespace

const Rendered& rendered(ClusterState& state) {
  if (!state.rendered.holds()) render_anew(state);
  return *state.rendered.last();
}

void RenderedMemo::replace(Rendered made) {
  share(std::make_shared<Rendered>(std::move(made)));
  if (renderings_ != nullptr && last_->mistakes.empty()) renderings_->keep(last_);
}

void RenderedMemo::share(std::shared_ptr<Rendered> made) {
  if (made != last_) disturb();
  last_ = std::move(made);
  holds_ = true;
}

std::vector<Message> mistakes_of(ClusterState& state) { return rendered(state).mistakes; }

}  // namespace annals::fsm
