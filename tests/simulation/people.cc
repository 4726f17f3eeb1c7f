// What people do to a simulated world, as scenario.h lists it.
#include <chrono>

#include "base/concat.h"
#include "base/sha256.h"
#include "manifests/names.h"
#include "spec/redaction.h"
#include "tests/simulation/simulation.h"

namespace annals::simulation {

using namespace std::chrono_literals;

namespace {

// What the lens hands on of a custom resource: its secrets are replaced before anybody sees it.
std::string resource_of(const std::string& name, const std::string& annotations,
                        const std::string& specification) {
  return spec::redacted(concat(R"({"metadata":{"annotations":{)", annotations, R"(},"name":")",
                               name, R"(","namespace":"ns"},"spec":)", specification, "}"));
}

}  // namespace

void Simulation::create(const std::string& name, const std::string& spec) { make(name, {}, spec); }

void Simulation::create_with(const std::string& name, const std::string& key,
                             const std::string& value, const std::string& spec) {
  make(name, concat("\"", key, "\":\"", value, "\""), spec);
}

void Simulation::make(const std::string& name, const std::string& annotations,
                      const std::string& spec) {
  const Key key{"PostgresCluster", "ns", name};
  // Whoever wants a name again waits until its old holder is gone.
  World& site = home_of(name);
  if (site.server.find(key) != nullptr) {
    schedule().after(500ms, [this, name, annotations, spec] { make(name, annotations, spec); });
    return;
  }
  site.note("somebody creates ", name);
  Object cluster;
  cluster.key = key;
  cluster.uid = concat("cluster-", ++clusters_);
  cluster.generation = 1;
  cluster.last_writer = {.manager = "kubectl", .operation = "Update", .time = "2026-01-02"};
  annotations_[name] = annotations;
  cluster.resource = resource_of(name, annotations, spec);
  site.server.create(std::move(cluster));
}

void Simulation::change(const std::string& name, const std::string& spec) {
  const Key key{"PostgresCluster", "ns", name};
  World& site = home_of(name);
  if (site.server.find(key) == nullptr) return;
  site.note("somebody changes the spec of ", name);
  site.server.update(key, [&](Object& cluster) {
    cluster.generation += 1;
    cluster.resource = resource_of(name, annotations_[name], spec);
  });
}

// As he reads it in the status.
std::string Simulation::with_oldest_backup(const std::string& name, std::string value) {
  constexpr std::string_view kOldest = "OLDEST";
  const std::size_t at = value.find(kOldest);
  World& site = home_of(name);
  const Snapshot cluster = site.server.find({"PostgresCluster", "ns", name});
  if (at == std::string::npos || cluster == nullptr) return value;
  const std::vector<Backup>& backups = site.databases[cluster->uid].backups;
  return value.replace(at, kOldest.size(),
                       backups.empty() ? "20260101-000000F" : backups.front().label);
}

void Simulation::annotate(const std::string& name, const std::string& key,
                          const std::string& value) {
  const std::string with_label = with_oldest_backup(name, value);
  world().note("somebody annotates ", name, " with ", with_label);
  set_annotations(name, concat("\"", key, "\":\"", with_label, "\""));
}

void Simulation::annotate_also(const std::string& name, const std::string& key,
                               const std::string& value) {
  world().note("somebody annotates ", name, " with ", value, " as well");
  const std::string& before = annotations_[name];
  set_annotations(name, concat(before, before.empty() ? "" : ",", "\"", key, "\":\"", value, "\""));
}

void Simulation::set_annotations(const std::string& name, const std::string& annotations) {
  const Key resource{"PostgresCluster", "ns", name};
  World& site = home_of(name);
  const Snapshot before = site.server.find(resource);
  if (before == nullptr) return;
  const std::size_t spec = before->resource.find("\"spec\":") + 7;
  const std::string text = before->resource.substr(spec, before->resource.size() - spec - 1);
  annotations_[name] = annotations;
  site.server.update(
      resource, [&](Object& cluster) { cluster.resource = resource_of(name, annotations, text); });
}

void Simulation::bring(const std::string& kind, const std::string& name,
                       const std::string& content) {
  const Key key{kind, "ns", name};
  World& site = home_of(name);
  site.note("somebody brings ", to_string(key));
  if (site.server.find(key) == nullptr) {
    Object object;
    object.key = key;
    // A volume's stands in what adopts it; so that runs can be compared.
    if (kind == "PersistentVolumeClaim") object.uid = concat("uid-of-", name);
    site.server.create(std::move(object));
  }
  site.server.update(key, [&](Object& object) { object.material = concat(kCanary, content); });
}

void Simulation::write(const std::string& name) {
  World& site = home_of(name);
  const Snapshot cluster = site.server.find({"PostgresCluster", "ns", name});
  if (cluster == nullptr || primary_of(site.server, cluster->uid) == nullptr) return;
  site.note("somebody writes row ", ++rows_, " into ", name);
  Database& database = site.databases[cluster->uid];
  database.rows.insert(rows_);
  commit(database, schedule().now());
  writers().acknowledge({.site = &site, .uid = cluster->uid, .name = name}, rows_);
  // archive_timeout
  schedule().after(60s, [&site, uid = cluster->uid] {
    if (leader_of(site.server, uid) == nullptr) return;
    Database& written = site.databases[uid];
    switch_wal(written);
    if (site.repository.takes_wal()) archive(written);
  });
}

void Simulation::drop_wal(const std::string& name) {
  World& site = home_of(name);
  const Snapshot cluster = site.server.find({"PostgresCluster", "ns", name});
  if (cluster == nullptr || leader_of(site.server, cluster->uid) == nullptr) return;
  site.note("WAL of ", name, " is dropped");
  simulation::drop_wal(site.databases[cluster->uid], schedule().now());
}

// Between two sites it is the network, in both directions.
void Simulation::cut_off(const std::string& name, bool is_cut) {
  world().note(name, is_cut ? " reaches no other cluster" : " reaches other clusters again");
  if (sites().size() == 1) return home_of(name).followers.cut(name, is_cut);
  common_.network.cut(is_cut);
  poke();
}

// Its pods and its operator end without a word, none can start, and its API server is away.
void Simulation::lose_site(const std::string& name, bool is_lost) {
  World& site = home_of(name);
  site.note("the site of ", name, is_lost ? " is lost" : " is there again");
  if (sites().size() > 1) common_.network.cut(is_lost);
  site.fault_state.unschedulable = is_lost;
  site.fault_state.api_down = is_lost && sites().size() > 1;
  if (!is_lost) return poke();
  for (std::size_t place = 0; place < running_.size() && sites().size() > 1; ++place) {
    if (running_[place] != nullptr && &site_of(place) == &site)
      kill(*running_[place], 0, "its site is lost");
  }
  const Snapshot cluster = site.server.find({"PostgresCluster", "ns", name});
  if (cluster == nullptr) return;
  for (const Snapshot& pod : pods_of(site.server, cluster->uid)) {
    site.interrupted.insert(pod->key.name);
    site.server.remove(pod->key);
  }
}

void Simulation::slow_replay(const std::string& name) {
  world().note(name, " replays slowly");
  home_of(name).followers.slow_down(name);
}

void Simulation::leave_receipt(const std::string& name, bool withdrawn) {
  world().note("the receipt of ", name, withdrawn ? " is withdrawn" : " is left");
  home_of(name).followers.leave_receipt(name, withdrawn);
}

void Simulation::trouble_repositories(const RepositoryTrouble& trouble) {
  const bool is_trouble =
      trouble.is_lost || trouble.takes_none || trouble.is_corrupt || !trouble.lost_repo.empty();
  world().note(is_trouble ? "the repositories are in trouble" : "the repositories are well");
  for (World* site : sites()) {
    site->controllers.lose_repository(trouble.lost_repo);
    site->repository = trouble;
    if (!trouble.takes_wal()) continue;
    for (auto& [uid, database] : site->databases) archive(database);
  }
}

void Simulation::leave_history(const std::string& name) {
  world().note("the replicas of ", name, " leave the history of their leader");
  home_of(name).controllers.set_members(name, kLeftHistory, true);
}

void Simulation::wait_for_wal(const std::string& name) {
  world().note("the replicas of ", name, " start and wait for WAL");
  home_of(name).controllers.set_members(name, kWaitsForWal, false);
}

void Simulation::hide_images(bool hidden) {
  world().note(hidden ? "images can not be pulled" : "images can be pulled");
  for (World* site : sites()) {
    site->fault_state.no_image = hidden;
    site->controllers.poke();
  }
}

void Simulation::remove(const std::string& name) {
  world().note("somebody deletes ", name);
  home_of(name).server.remove({"PostgresCluster", "ns", name});
}

void Simulation::remove_by_force(const std::string& name) {
  const Key key{"PostgresCluster", "ns", name};
  World& site = home_of(name);
  site.note("somebody deletes ", name, " and takes its finalizers away");
  site.controllers.let_leaders_linger();
  site.server.remove(key);
  if (site.server.find(key) == nullptr) return;
  site.server.update(key, [](Object& doomed) { doomed.finalizers.clear(); });
}

Place Simulation::first(const std::string& kind, const std::string& name) const {
  for (World* site : sites()) {
    const auto& objects = site->server.objects();
    const auto found = objects.lower_bound({kind, "ns", name});
    if (found != objects.end() && found->first.kind == kind && found->first.name.starts_with(name))
      return {.site = site, .object = found->second};
  }
  return {};
}

void Simulation::edit(const std::string& kind, const std::string& name, const std::string& field) {
  const auto [site, object] = first(kind, name);
  if (object == nullptr) return;
  site->note("somebody edits ", to_string(object->key), " (", field, ")");
  site->external_edits[concat(kind, "/", object->key.name)] += 1;
  const std::string time = annals::to_string(schedule().now());
  site->server.update(object->key, [&, site = site](Object& edited) {
    edited.tampered[field] = concat("vandal-", random_.below(1'000));
    edited.last_writer = {.manager = "vandal", .operation = "Update", .time = time};
    // Another authority under the same UID, which is as good as the one before.
    if (edited.key.name != manifests::kRootAuthority || field != "data") return;
    edited.material = concat(kCanary, "root-of-a-vandal-", ++site->materials);
    edited.signed_by = edited.material;
    edited.fields.secret = {{.authority = sha256_hex(edited.material)}};
  });
}

void Simulation::erase(const std::string& kind, const std::string& name) {
  const auto [site, object] = first(kind, name);
  if (object == nullptr) return;
  site->note("somebody deletes ", to_string(object->key));
  site->external_edits[concat(kind, "/", object->key.name)] += 1;
  site->server.remove(object->key);
}

void Simulation::restart_operator() {
  for (Process* process : std::vector<Process*>(running_)) {
    if (process != nullptr) kill(*process, 0, "it is restarted");
  }
}

void Simulation::restart_behind() {
  for (World* site : sites()) site->next_lists_are_behind = true;
  restart_operator();
}

void Simulation::lose_journal() {
  restart_operator();
  for (Disk& disk : disks_) disk.wipe();
}

void Simulation::pause_operator(Duration length) {
  Process* process = leading(world());
  if (process == nullptr) return;
  world().note(process->identity(), " stands still");
  process->pause(length);
}

}  // namespace annals::simulation
