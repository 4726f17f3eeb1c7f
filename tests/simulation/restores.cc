#include "tests/simulation/restores.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <ranges>

#include "base/concat.h"
#include "spec/restore_target.h"
#include "tests/simulation/manifest_text.h"
#include "tests/simulation/world.h"

namespace annals::simulation {

using namespace std::chrono_literals;

namespace {

constexpr const char* kMaster = "master";
constexpr const char* kTimeOfJobs = "2026-01-02T00:00:00Z";

std::string setting(const Object& job, std::string_view name) {
  return text_member(job.manifest, "value", concat("\"name\":\"", name, "\""));
}

TimelineId number_of(const std::string& digits) {
  TimelineId number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

std::optional<Timestamp> time_of(const std::string& text) {
  const std::optional<spec::PointInTime> point = spec::parse_point_in_time(text);
  return point ? std::optional(point->time) : std::nullopt;
}

Recovery recovery_in(const Object& job) {
  Recovery recovery{
      .set = setting(job, "backup"), .timeline = number_of(setting(job, "timeline")), .target = {}};
  if (setting(job, "type") == "time") recovery.target = time_of(setting(job, "target"));
  return recovery;
}

bool is_move_job(const Object& job) { return job.key.name.contains("-move-pg"); }

bool is_drill_job(const Object& job) { return job.key.name.ends_with("-restore-drill"); }

bool is_clone_job(const Object& job) {
  return is_restore_job(job) && !setting(job, "cloning").empty();
}

// The request of a custom resource, as a person would read it.
std::string request_in(const std::string& resource) {
  return label(resource, "pgbackrest-restore");
}

std::optional<Timestamp> target_in(const std::string& resource) {
  constexpr std::string_view kTarget = "\"--target=";
  const std::size_t at = resource.find(kTarget);
  if (at == std::string::npos) return std::nullopt;
  const std::size_t begin = at + kTarget.size();
  return time_of(resource.substr(begin, resource.find('"', begin) - begin));
}

const Commit* asked_for(const std::string& resource, const Database& before) {
  const std::optional<Timestamp> target = target_in(resource);
  if (!request_in(resource).starts_with("undo"))
    return target ? commit_at(before, *target) : last_commit(before, before.timeline);
  const bool is_left = !before.touched_by.empty() && !before.touched_by.starts_with("undo");
  return last_commit(before, is_left ? before.timeline : before.left);
}

}  // namespace

bool is_restore_job(const Object& job) { return job.key.name.ends_with("-pgbackrest-restore"); }

std::string request_of_job(const Object& job) { return label(job.manifest, "pgbackrest-restore"); }

std::string instance_of_job(const Object& job) { return label(job.manifest, "startup-instance"); }

Restores::Restores(World& world, Random random) : world_(world), random_(random) {
  world_.server.on_change([this](const Change& change) { look(change); });
  world_.controllers.set_volumes(*this);
}

void Restores::look(const Change& change) {
  const Object& object = *change.object;
  if (object.key.kind == "Job" && !change.deleted) return look_at_job(object);
  if (object.key.kind == "PersistentVolumeClaim" && change.deleted) {
    check_lost(object);
    volumes_.erase(object.uid);
  }
  if (object.key.kind != "Pod") return;
  if (!object.pod.job.empty()) return look_at_job_pod(change);
  if (!object.instance.empty()) look_at_member(change);
}

// ---- Jobs

void Restores::look_at_job(const Object& job) {
  Database& database = world_.databases[job.controller];
  if (!job.manifest.empty()) {
    if (!job.fields.job->has_ended() && seen_.insert(job.uid).second) start_job(job.key, job.uid);
  } else if (job.fields.job->complete && seen_.insert(job.uid).second) {
    database.has_stanza = true;
    if (job.makes_backup) back_up(database, world_.schedule.now());
    if (!job.removes_backup.empty())
      std::erase_if(database.backups,
                    [&](const Backup& each) { return each.label == job.removes_backup; });
  }
}

// Its controller makes a pod.
void Restores::start_job(const Key& key, const std::string& uid) {
  world_.schedule.after(random_.between(50ms, 500ms), [this, key, uid] {
    const Snapshot job = world_.server.find(key);
    if (job == nullptr || job->uid != uid) return;
    if (world_.fault_state.quota) return start_job(key, uid);
    Object pod;
    pod.key = {"Pod", key.name_space, concat(key.name, "-", random_.between(10'000, 99'999))};
    if (world_.server.find(pod.key) != nullptr) return start_job(key, uid);
    pod.is_labelled = job->is_labelled;
    pod.cluster = job->cluster;
    pod.controller = uid;
    pod.owners = {uid};
    pod.finalizers = {"kubelet"};
    pod.pod.name = pod.key.name;
    pod.pod.job = key.name;
    pod.pod.phase = "Pending";
    world_.server.create(std::move(pod));
  });
}

void Restores::look_at_job_pod(const Change& change) {
  const Object& pod = *change.object;
  const Key key{"Job", pod.key.name_space, pod.pod.job};
  if (change.deleted && !pod.pod.end)
    return end_job(key, pod.controller, "Job has reached the specified backoff limit");
  if (change.deleted || pod.deleting || pod.pod.phase != "Running") return;
  const Snapshot job = world_.server.find(key);
  if (job == nullptr || job->uid != pod.controller || !seen_.insert(pod.uid).second) return;
  begin(*job);
  world_.schedule.after(random_.between(500ms, 6s),
                        [this, key = pod.key, uid = pod.uid] { finish(key, uid); });
}

void Restores::begin(const Object& job) {
  // It has a volume of its own, or only reads.
  if (is_drill_job(job) || is_receipt_job(job)) return;
  check_alone(job);
  if (!is_restore_job(job)) return;
  Volume* volume = volume_of(job.key.name_space, instance_of_job(job));
  if (is_clone_job(job)) {
    if (volume != nullptr && volume->data == Data::kWhole) return;  // it writes over no database
  } else {
    check_archived(job, world_.databases[job.controller]);
  }
  if (volume != nullptr) *volume = {.data = Data::kHalf, .timeline = 0};
}

void Restores::finish(const Key& key, const std::string& uid) {
  const Snapshot pod = world_.server.find(key);
  if (pod == nullptr || pod->uid != uid || pod->deleting) return;
  const Snapshot job = world_.server.find({"Job", key.name_space, pod->pod.job});
  if (job == nullptr || job->uid != pod->controller) return;
  Database& database = world_.databases[job->controller];
  fsm::ContainerEnd end =
      is_receipt_job(*job) ? give_receipt(*job, database) : work(*job, database);
  const std::string trouble = end.exit_code == 0 ? std::string() : end.message;
  end_pod(*pod, std::move(end));
  world_.schedule.after(random_.between(20ms, 700ms),
                        [this, job_key = job->key, job_uid = job->uid, trouble] {
                          end_job(job_key, job_uid, trouble);
                        });
}

fsm::ContainerEnd Restores::work(const Object& job, Database& database) {
  std::string trouble = is_move_job(job) ? std::string() : trouble_of_repository();
  if (!trouble.empty()) return {.exit_code = 1, .message = std::move(trouble)};
  std::string report = is_move_job(job)      ? move(job, database)
                       : is_drill_job(job)   ? drill(job, database)
                       : is_clone_job(job)   ? clone(job, database)
                       : is_restore_job(job) ? restore(job, database)
                                             : archive_of(database);
  return {.exit_code = report.starts_with("FATAL") ? 1 : 0, .message = std::move(report)};
}

std::string Restores::archive_of(Database& database) {
  if (world_.repository.takes_none) return "FATAL: pgbackrest archive-push: exit status 103";
  archive_all(database);
  return concat("system 7301\ntimeline ", database.timeline, "\nsegment ",
                segment_of(database.timeline, database.lsn), "\nlsn ", text_of_lsn(database.lsn),
                "\npushed 1\n");
}

// A volume that somebody has brought has a database of his. One that is in its place stays there.
std::string Restores::move(const Object& job, Database& database) {
  const std::string name = text_member(job.manifest, "claimName", "\"persistentVolumeClaim\":");
  const Snapshot claim = world_.server.find({"PersistentVolumeClaim", job.key.name_space, name});
  if (claim == nullptr) return "FATAL: there is no volume";
  Volume& volume = volumes_[claim->uid];
  if (take_database(volume, job, database)) return "moved\n";
  if (claim->material.empty()) return "FATAL: the volume has no database";
  if (volume.data != Data::kNone) return "moved\n";
  database = Database();
  database.is_clone = true;
  database.rows.insert(0);
  commit(database, world_.schedule.now());
  volume = {.data = Data::kRestored, .timeline = database.timeline};
  return "moved\n";
}

// One that was another cluster's is this one's from here on, with all that is in it.
bool Restores::take_database(Volume& volume, const Object& job, Database& database) {
  if (volume.data != Data::kWhole || volume.of.empty()) return false;
  if (volume.of == job.controller) return true;
  if (!volume.led && !had_two_leaders_)
    world_.accuse("kept", concat(job.key.name, " goes on with the data of a replica"));
  database = world_.databases[volume.of];
  database.is_clone = true;
  volume.of = job.controller;
  world_.note(job.key.name, " has found ", database.rows.size(), " rows");
  return true;
}

// The database stays as it is, and so does its repository.
std::string Restores::drill(const Object& job, const Database& database) {
  if (world_.repository.is_corrupt) return "FATAL: pgbackrest restore: exit status 29";
  const Recovered recovered = recover(database, recovery_in(job));
  if (!recovered.trouble.empty()) return concat("FATAL: ", recovered.trouble);
  return concat("backup ", setting(job, "backup"), "\ntimeline ", setting(job, "timeline"),
                "\nlsn ", text_of_lsn(recovered.end),
                "\nstopped -\nchecks wal,amcheck,rows\ndatabases 1\n",
                "tables 1\nrows 1\nseconds 1\nage \nanswer \n");
}

std::string Restores::clone(const Object& job, Database& database) {
  if (world_.repository.is_corrupt) return "FATAL: pgbackrest restore: exit status 29";
  Volume* volume = volume_of(job.key.name_space, instance_of_job(job));
  if (volume == nullptr || volume->data == Data::kWhole)
    return "FATAL: the volume holds a database already";
  const Database& source = world_.databases[world_.clone_sources[job.controller]];
  const Recovery recovery = recovery_in(job);
  const Recovered recovered = recover(source, recovery);
  if (!recovered.trouble.empty()) return concat("FATAL: ", recovered.trouble);
  database = cloned(source, recovery.timeline, recovered, world_.schedule.now());
  check_clone(job, source, database);
  *volume = {.data = Data::kRestored, .timeline = database.timeline};
  world_.note(job.key.name, " has cloned ", database.rows.size(), " rows");
  return concat("system 7301\ntimeline ", database.timeline, "\nfrom ", recovery.timeline, "\nlsn ",
                text_of_lsn(recovered.end), "\nstopped -\n");
}

std::string Restores::restore(const Object& job, Database& database) {
  if (world_.repository.is_corrupt) return "FATAL: pgbackrest restore: exit status 29";
  const Recovery recovery = recovery_in(job);
  const Recovered recovered = recover(database, recovery);
  if (!recovered.trouble.empty()) return concat("FATAL: ", recovered.trouble);
  const Database before = database;
  promote(database, recovery.timeline, recovered, world_.schedule.now());
  check_content(job, before, database);
  if (Volume* volume = volume_of(job.key.name_space, instance_of_job(job)))
    *volume = {.data = Data::kRestored, .timeline = database.timeline};
  world_.note(job.key.name, " has restored ", database.rows.size(), " rows on timeline ",
              database.timeline);
  return concat("system 7301\ntimeline ", database.timeline, "\nfrom ", recovery.timeline, "\nlsn ",
                text_of_lsn(recovered.end), "\nstopped -\n");
}

void Restores::end_pod(const Object& pod, fsm::ContainerEnd end) {
  world_.server.update(pod.key, [&](Object& ended) {
    ended.pod.phase = end.exit_code == 0 ? "Succeeded" : "Failed";
    ended.pod.ready = false;
    ended.pod.end = std::move(end);
  });
}

void Restores::end_job(const Key& key, const std::string& uid, const std::string& trouble) {
  const Snapshot job = world_.server.find(key);
  if (job == nullptr || job->uid != uid || job->fields.job->has_ended()) return;
  world_.server.update(key, [&](Object& ended) {
    fsm::JobFields& fields = ended.fields.job.edit();
    fields.start_time = kTimeOfJobs;
    fields.complete = trouble.empty();
    if (trouble.empty()) {
      fields.completion_time = kTimeOfJobs;
      fields.succeeded = 1;
    } else {
      fields.failed = "Job has reached the specified backoff limit";
      fields.failures = 1;
    }
  });
}

std::string Restores::trouble_of_repository() const {
  if (world_.repository.is_lost) return "FATAL: pgbackrest: exit status 103";
  if (world_.fault_state.jobs_fail) return "FATAL: pgbackrest: exit status 99";
  return {};
}

// ---- Instances

Restores::Volume* Restores::volume_of(const std::string& name_space, const std::string& instance) {
  const Snapshot claim = data_claim_of(world_.server, name_space, instance);
  return claim == nullptr ? nullptr : &volumes_[claim->uid];
}

const Restores::Volume* Restores::volume_of(const std::string& name_space,
                                            const std::string& instance) const {
  const Snapshot claim = data_claim_of(world_.server, name_space, instance);
  const auto found = claim == nullptr ? volumes_.end() : volumes_.find(claim->uid);
  return found == volumes_.end() ? nullptr : &found->second;
}

bool Restores::is_held_back(const Object& pod) const {
  const Volume* volume = volume_of(pod.key.name_space, pod.instance);
  // Where somebody leads it becomes a replica, whatever lies beside its data.
  return volume != nullptr && volume->data == Data::kRestored &&
         has_state_of_patroni(world_.server, pod) &&
         leader_of(world_.server, cluster_of(world_.server, pod)) == nullptr;
}

bool Restores::is_behind(const Object& pod) const {
  const Volume* volume = volume_of(pod.key.name_space, pod.instance);
  if (volume == nullptr) return false;
  const bool has_nothing_yet =
      volume->data == Data::kNone && timeline_of(pod) > 1 && !is_edited(pod.instance);
  return has_nothing_yet || (volume->data == Data::kWhole && volume->timeline < timeline_of(pod));
}

TimelineId Restores::timeline_of(const Object& pod) const {
  const auto database = world_.databases.find(cluster_of(world_.server, pod));
  return database == world_.databases.end() ? 1 : database->second.timeline;
}

bool Restores::is_led_elsewhere(const Object& pod, const std::string& host) const {
  const Snapshot own = world_.server.find({"PostgresCluster", pod.key.name_space, pod.cluster});
  return own != nullptr && world_.followers.is_ahead(*own, host);
}

void Restores::look_at_member(const Change& change) {
  const Object& pod = *change.object;
  if (change.deleted) return stop(pod);
  if (pod.pod.phase != "Running" || pod.deleting) return;
  if (seen_.insert(pod.uid).second) {
    Volume* volume = volume_of(pod.key.name_space, pod.instance);
    if (volume != nullptr) volume->is_shut_down = false;
    if (volume != nullptr && volume->data == Data::kHalf && !is_edited(pod.instance))
      world_.accuse("restore", concat(pod.key.name, " runs on files that are half restored"));
  }
  if (pod.pod.role == kMaster) return lead(pod);
  if (!pod.pod.role.empty() && leader_of(world_.server, cluster_of(world_.server, pod)) != nullptr)
    follow(pod);
}

void Restores::note_promotion(const std::string& cluster_uid) {
  for (auto& [claim, volume] : volumes_) {
    if (volume.of == cluster_uid && volume.data == Data::kWhole)
      volume.timeline = world_.databases[cluster_uid].timeline;
  }
}

// Its files become those of its leader.
void Restores::follow(const Object& pod) {
  if (Volume* volume = volume_of(pod.key.name_space, pod.instance))
    *volume = {
        .data = Data::kWhole, .timeline = timeline_of(pod), .of = cluster_of(world_.server, pod)};
}

void Restores::lead(const Object& pod) {
  const std::string cluster = cluster_of(world_.server, pod);
  Volume* volume = volume_of(pod.key.name_space, pod.instance);
  if (volume == nullptr || cluster.empty()) return;
  had_two_leaders_ = had_two_leaders_ || world_.fault_state.two_leaders;
  // By the label alone: a replica that has nothing yet.
  if (world_.fault_state.two_leaders && volume->data == Data::kNone) return follow(pod);
  check_origin(pod, cluster);
  const TimelineId timeline = timeline_of(pod);
  if (timeline > 1 && volume->timeline != timeline && !is_edited(pod.instance))
    world_.accuse("restore", concat(pod.key.name, " leads on timeline ", volume->timeline,
                                    ", and the database that was restored is on ", timeline));
  *volume = {.data = Data::kWhole, .timeline = timeline, .of = cluster, .led = true};
  for (const Snapshot& other : pods_of(world_.server, cluster)) {
    if (!other->pod.role.empty() && other->uid != pod.uid) follow(*other);
  }
}

// A server that shuts down archives all that it has.
void Restores::stop(const Object& pod) {
  const auto database = world_.databases.find(cluster_of(world_.server, pod));
  Volume* volume = volume_of(pod.key.name_space, pod.instance);
  if (volume != nullptr)
    volume->is_shut_down = pod.pod.role == kMaster && !world_.interrupted.contains(pod.key.name);
  if (pod.pod.role != kMaster || database == world_.databases.end()) return;
  if (world_.repository.takes_wal() && !world_.interrupted.contains(pod.key.name))
    archive_all(database->second);
}

// ---- What would lose data

bool Restores::is_edited(const std::string& instance) const {
  return world_.external_edits.contains(concat("PersistentVolumeClaim/", instance, "-pgdata"));
}

void Restores::check_alone(const Object& job) {
  for (const Snapshot& pod : pods_of(world_.server, job.controller)) {
    if (pod->pod.phase == "Running")
      world_.accuse("restore", concat(job.key.name, " runs beside ", pod->key.name));
  }
}

void Restores::check_archived(const Object& job, Database& database) {
  const Snapshot cluster = world_.server.find({"PostgresCluster", job.key.name_space, job.cluster});
  const bool may_do_without =
      cluster != nullptr && !label(cluster->resource, "restore-without-archive").empty();
  if (database.touched_by.empty() && !is_archived(database) && !may_do_without)
    world_.accuse("restore", concat(job.key.name, " touches files whose WAL up to ",
                                    text_of_lsn(database.lsn), " is not archived"));
  if (database.touched_by.empty()) database.touched_by = request_of_job(job);
}

// Any state of the resource may be the one that it was taken from. To a time: what the source was
// then.
void Restores::check_clone(const Object& job, const Database& source, const Database& clone) {
  const Content& content = clone;
  for (const Change& change : world_.server.history("PostgresCluster") | std::views::reverse) {
    if (change.object->uid != job.controller) continue;
    const std::optional<Timestamp> target = target_in(change.object->resource);
    const Commit* commit = target ? commit_at(source, *target) : nullptr;
    if (!target || (commit != nullptr && commit->content == content)) return;
  }
  world_.accuse("restore", concat(job.key.name, " has cloned another content than was asked for"));
}

// Who is to be a clone begins with no database of his own.
void Restores::check_origin(const Object& pod, const std::string& cluster) {
  const Snapshot resource =
      world_.server.find({"PostgresCluster", pod.key.name_space, pod.cluster});
  if (resource == nullptr || resource->uid != cluster || is_edited(pod.instance)) return;
  const bool has_source = resource->resource.contains("\"dataSource\"") ||
                          resource->resource.contains("/take-up-deleted\"");
  if (has_source && !world_.databases[cluster].is_clone)
    world_.accuse("restore", concat(pod.key.name, " leads an empty database instead of a clone"));
}

// What is to outlive its cluster does so, until its time is over or a person deletes it.
void Restores::check_lost(const Object& claim) {
  if (world_.external_edits.contains(concat("PersistentVolumeClaim/", claim.key.name))) return;
  const fsm::ClaimFields& fields = *claim.fields.claim;
  if (fields.kept_for) {
    constexpr Duration kWrongClock = 90s;  // of the operator's, at most
    if (annals::to_string(world_.schedule.now() + kWrongClock) < fields.kept_until.value_or(""))
      world_.accuse("kept", concat(to_string(claim.key), " goes before its time"));
    return;
  }
  const auto volume = volumes_.find(claim.uid);
  if (volume == volumes_.end() || volume->second.data != Data::kWhole) return;
  for (const Change& change : world_.server.history("PostgresCluster") | std::views::reverse) {
    if (change.object->uid != claim.controller) continue;
    const bool is_gone = change.deleted && change.object->deleting;
    if (is_gone && !label(change.object->resource, "deleted-volume-retention").empty())
      world_.accuse("kept", concat(to_string(claim.key), " goes with its cluster"));
    return;
  }
}

// Any state of the resource with this request may be the one that it was taken from.
void Restores::check_content(const Object& job, const Database& before, const Content& content) {
  const std::string request = request_of_job(job);
  bool is_known = false;
  for (const Change& change : world_.server.history("PostgresCluster") | std::views::reverse) {
    const std::string& resource = change.object->resource;
    if (change.object->uid != job.controller || request_in(resource) != request) continue;
    if (!label(resource, "restore-without-archive").empty()) return;
    const Commit* commit = asked_for(resource, before);
    if (commit != nullptr && commit->content == content) return;
    is_known = true;
  }
  world_.accuse("restore", concat("the request '", request, "' ",
                                  is_known ? "was for another content than it has given"
                                           : "was made by nobody"));
}

}  // namespace annals::simulation
