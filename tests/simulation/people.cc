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
  if (world_.server.find(key) != nullptr) {
    world_.schedule.after(500ms,
                          [this, name, annotations, spec] { make(name, annotations, spec); });
    return;
  }
  world_.note("somebody creates ", name);
  Object cluster;
  cluster.key = key;
  cluster.uid = concat("cluster-", ++clusters_);
  cluster.generation = 1;
  cluster.last_writer = {.manager = "kubectl", .operation = "Update", .time = "2026-01-02"};
  annotations_[name] = annotations;
  cluster.resource = resource_of(name, annotations, spec);
  world_.server.create(std::move(cluster));
}

void Simulation::change(const std::string& name, const std::string& spec) {
  const Key key{"PostgresCluster", "ns", name};
  if (world_.server.find(key) == nullptr) return;
  world_.note("somebody changes the spec of ", name);
  world_.server.update(key, [&](Object& cluster) {
    cluster.generation += 1;
    cluster.resource = resource_of(name, annotations_[name], spec);
  });
}

// As he reads it in the status.
std::string Simulation::with_oldest_backup(const std::string& name, std::string value) {
  constexpr std::string_view kOldest = "OLDEST";
  const std::size_t at = value.find(kOldest);
  const Snapshot cluster = world_.server.find({"PostgresCluster", "ns", name});
  if (at == std::string::npos || cluster == nullptr) return value;
  const std::vector<Backup>& backups = world_.databases[cluster->uid].backups;
  return value.replace(at, kOldest.size(),
                       backups.empty() ? "20260101-000000F" : backups.front().label);
}

void Simulation::annotate(const std::string& name, const std::string& key,
                          const std::string& value) {
  const std::string with_label = with_oldest_backup(name, value);
  world_.note("somebody annotates ", name, " with ", with_label);
  set_annotations(name, concat("\"", key, "\":\"", with_label, "\""));
}

void Simulation::annotate_also(const std::string& name, const std::string& key,
                               const std::string& value) {
  world_.note("somebody annotates ", name, " with ", value, " as well");
  const std::string& before = annotations_[name];
  set_annotations(name, concat(before, before.empty() ? "" : ",", "\"", key, "\":\"", value, "\""));
}

void Simulation::set_annotations(const std::string& name, const std::string& annotations) {
  const Key resource{"PostgresCluster", "ns", name};
  const Snapshot before = world_.server.find(resource);
  if (before == nullptr) return;
  const std::size_t spec = before->resource.find("\"spec\":") + 7;
  const std::string text = before->resource.substr(spec, before->resource.size() - spec - 1);
  annotations_[name] = annotations;
  world_.server.update(
      resource, [&](Object& cluster) { cluster.resource = resource_of(name, annotations, text); });
}

void Simulation::bring(const std::string& kind, const std::string& name,
                       const std::string& content) {
  const Key key{kind, "ns", name};
  world_.note("somebody brings ", to_string(key));
  if (world_.server.find(key) == nullptr) {
    Object object;
    object.key = key;
    // A volume's stands in what adopts it; so that runs can be compared.
    if (kind == "PersistentVolumeClaim") object.uid = concat("uid-of-", name);
    world_.server.create(std::move(object));
  }
  world_.server.update(key, [&](Object& object) { object.material = concat(kCanary, content); });
}

void Simulation::write(const std::string& name) {
  const Snapshot cluster = world_.server.find({"PostgresCluster", "ns", name});
  if (cluster == nullptr || primary_of(world_.server, cluster->uid) == nullptr) return;
  world_.note("somebody writes row ", ++rows_, " into ", name);
  Database& database = world_.databases[cluster->uid];
  database.rows.insert(rows_);
  commit(database, world_.schedule.now());
  // archive_timeout
  world_.schedule.after(60s, [this, uid = cluster->uid] {
    if (leader_of(world_.server, uid) == nullptr) return;
    Database& written = world_.databases[uid];
    switch_wal(written);
    if (world_.repository.takes_wal()) archive(written);
  });
}

void Simulation::drop_wal(const std::string& name) {
  const Snapshot cluster = world_.server.find({"PostgresCluster", "ns", name});
  if (cluster == nullptr || leader_of(world_.server, cluster->uid) == nullptr) return;
  world_.note("WAL of ", name, " is dropped");
  simulation::drop_wal(world_.databases[cluster->uid], world_.schedule.now());
}

void Simulation::cut_off(const std::string& name, bool is_cut) {
  world_.note(name, is_cut ? " reaches no other cluster" : " reaches other clusters again");
  world_.followers.cut(name, is_cut);
}

void Simulation::slow_replay(const std::string& name) {
  world_.note(name, " replays slowly");
  world_.followers.slow_down(name);
}

void Simulation::leave_receipt(const std::string& name, bool withdrawn) {
  world_.note("the receipt of ", name, withdrawn ? " is withdrawn" : " is left");
  world_.followers.leave_receipt(name, withdrawn);
}

void Simulation::trouble_repositories(const RepositoryTrouble& trouble) {
  world_.controllers.lose_repository(trouble.lost_repo);
  world_.note(trouble.is_lost || trouble.takes_none || trouble.is_corrupt ||
                      !trouble.lost_repo.empty()
                  ? "the repositories are in trouble"
                  : "the repositories are well");
  world_.repository = trouble;
  if (!trouble.takes_wal()) return;
  for (auto& [uid, database] : world_.databases) archive(database);
}

void Simulation::leave_history(const std::string& name) {
  world_.note("the replicas of ", name, " leave the history of their leader");
  world_.controllers.set_members(name, kLeftHistory, true);
}

void Simulation::wait_for_wal(const std::string& name) {
  world_.note("the replicas of ", name, " start and wait for WAL");
  world_.controllers.set_members(name, kWaitsForWal, false);
}

void Simulation::hide_images(bool hidden) {
  world_.note(hidden ? "images can not be pulled" : "images can be pulled");
  world_.fault_state.no_image = hidden;
  world_.controllers.poke();
}

void Simulation::remove(const std::string& name) {
  world_.note("somebody deletes ", name);
  world_.server.remove({"PostgresCluster", "ns", name});
}

void Simulation::remove_by_force(const std::string& name) {
  const Key key{"PostgresCluster", "ns", name};
  world_.note("somebody deletes ", name, " and takes its finalizers away");
  world_.controllers.let_leaders_linger();
  world_.server.remove(key);
  if (world_.server.find(key) == nullptr) return;
  world_.server.update(key, [](Object& doomed) { doomed.finalizers.clear(); });
}

Snapshot Simulation::first(const std::string& kind, const std::string& name) const {
  const auto& objects = world_.server.objects();
  const auto found = objects.lower_bound({kind, "ns", name});
  const bool is_it =
      found != objects.end() && found->first.kind == kind && found->first.name.starts_with(name);
  return is_it ? found->second : nullptr;
}

void Simulation::edited_externally(const Key& key) {
  world_.external_edits[concat(key.kind, "/", key.name)] += 1;
}

void Simulation::edit(const std::string& kind, const std::string& name, const std::string& field) {
  const Snapshot object = first(kind, name);
  if (object == nullptr) return;
  world_.note("somebody edits ", to_string(object->key), " (", field, ")");
  edited_externally(object->key);
  const std::string time = annals::to_string(world_.schedule.now());
  world_.server.update(object->key, [&](Object& edited) {
    edited.tampered[field] = concat("vandal-", random_.below(1'000));
    edited.last_writer = {.manager = "vandal", .operation = "Update", .time = time};
    // Another authority under the same UID, which is as good as the one before.
    if (edited.key.name != manifests::kRootAuthority || field != "data") return;
    edited.material = concat(kCanary, "root-of-a-vandal-", ++world_.materials);
    edited.signed_by = edited.material;
    edited.fields.secret = {{.authority = sha256_hex(edited.material)}};
  });
}

void Simulation::erase(const std::string& kind, const std::string& name) {
  const Snapshot object = first(kind, name);
  if (object == nullptr) return;
  world_.note("somebody deletes ", to_string(object->key));
  edited_externally(object->key);
  world_.server.remove(object->key);
}

void Simulation::restart_operator() {
  for (Process* process : std::vector<Process*>(running_)) {
    if (process != nullptr) kill(*process, 0, "it is restarted");
  }
}

void Simulation::restart_behind() {
  world_.next_lists_are_behind = true;
  restart_operator();
}

void Simulation::lose_journal() {
  restart_operator();
  for (Disk& disk : disks_) disk.wipe();
}

void Simulation::pause_operator(Duration length) {
  Process* process = leading();
  if (process == nullptr) return;
  world_.note(process->identity(), " stands still");
  process->pause(length);
}

}  // namespace annals::simulation
