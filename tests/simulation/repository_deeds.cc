#include "tests/simulation/repository_deeds.h"

#include <ranges>

#include "base/concat.h"
#include "fsm/codec/codec.h"
#include "tests/simulation/manifest_text.h"

namespace annals::simulation {

Answer RepositoryDeeds::operator()(const fsm::ReadRepository& action) {
  const bool is_server_there = !action.host.empty() && server_at(action.host) != nullptr;
  contents_ =
      read(action.pod, cluster_.uid.value(), is_server_there ? AsksServer::kYes : AsksServer::kNo);
  if (contents_ && action.repo == world_.repository.lost_repo)
    contents_ =
        fsm::RepositoryContents{.code = fsm::kRepositoryUnreadable, .trouble = "unable to connect"};
  if (!contents_) return refuse(404, concat("pods \"", action.pod, "\" not found"));
  if (fsm::digest_of(*contents_) == action.known) contents_.reset();
  return nullptr;
}

// A bucket has the backups of the last cluster of its name, which may be gone.
std::string RepositoryDeeds::writer_of_bucket() {
  const Snapshot own = world_.server.find({"PostgresCluster", cluster_.name_space, cluster_.name});
  if (own == nullptr) return {};
  const std::string bucket = text_member(own->resource, "bucket", "\"dataSource\":");
  for (const Change& change : world_.server.history("PostgresCluster") | std::views::reverse) {
    if (change.object->key.name == bucket) return change.object->uid;
  }
  return {};
}

Answer RepositoryDeeds::read_store(const fsm::ReadSource& action) {
  source_ = fsm::SourceCluster{.found = true};
  const std::string writer = writer_of_bucket();
  world_.clone_sources[cluster_.uid.value()] = writer;
  contents_ = read(action.pod, writer)
                  .value_or(fsm::RepositoryContents{.code = fsm::kRepositoryUnreadable,
                                                    .trouble = "the pod does not run"});
  return nullptr;
}

// What stands in the world of it decides what a clone gets.
Answer RepositoryDeeds::operator()(const fsm::ReadSource& action) {
  if (action.cluster.empty()) return read_store(action);
  const Snapshot source =
      world_.server.find({"PostgresCluster", action.name_space, action.cluster});
  source_ = fsm::SourceCluster{};
  if (source == nullptr) return nullptr;
  source_ = {.found = true, .uid = source->uid, .resource = source->resource};
  world_.clone_sources[cluster_.uid.value()] = source->uid;
  if (action.pod.empty()) return nullptr;
  contents_ = read(action.pod, source->uid)
                  .value_or(fsm::RepositoryContents{.code = fsm::kRepositoryUnreadable,
                                                    .trouble = "the pod does not run"});
  return nullptr;
}

Answer RepositoryDeeds::operator()(const fsm::ReadVolumes& action) {
  for (const std::string& claim : action.claims) {
    fsm::VolumeSeen& seen = volumes_[claim];
    const Snapshot object =
        world_.server.find({"PersistentVolumeClaim", cluster_.name_space, claim});
    if (object == nullptr) continue;
    seen = {.found = true,
            .uid = object->uid,
            .owner = object->controller,
            .owner_uid = object->controller,
            .deleting = object->deleting};
  }
  return nullptr;
}

// In the place of whatever is there.
Answer RepositoryDeeds::operator()(const fsm::WithdrawReceipt& action) {
  const Snapshot pod = world_.server.find({"Pod", cluster_.name_space, action.pod});
  if (pod == nullptr || pod->deleting || pod->pod.phase != "Running")
    return refuse(404, concat("pods \"", action.pod, "\" not found"));
  if (world_.repository.is_lost || world_.repository.lost_repo == action.repo)
    return std::unexpected("pgbackrest repo-put ended with exit status 49");
  world_.receipts[cluster_.uid.value()][action.repo] = {
      .cluster = action.cluster, .at = action.at, .withdrawn = true};
  return nullptr;
}

std::optional<fsm::RepositoryContents> RepositoryDeeds::read(const std::string& pod,
                                                             const std::string& uid,
                                                             AsksServer asks) {
  const Snapshot host = world_.server.find({"Pod", cluster_.name_space, pod});
  if (host == nullptr || host->deleting || host->pod.phase != "Running") return std::nullopt;
  if (world_.repository.is_lost)
    return fsm::RepositoryContents{.code = fsm::kRepositoryUnreadable,
                                   .trouble = "unable to open the repository"};
  return contents_of(world_.databases[uid], concat("system of ", uid), asks);
}

Answer RepositoryDeeds::operator()(const fsm::MakeRestorePoint& action) {
  Database* database = server_at(action.host);
  if (database == nullptr) return std::unexpected("cannot connect: connection refused");
  if (action.name.empty()) world_.accuse("order", "a restore point has no name");
  const Timestamp now = world_.schedule.now();
  commit(*database, now);
  restore_point_ = {.name = action.name,
                    .timeline = database->timeline,
                    .segment = segment_of(database->timeline, database->lsn),
                    .lsn = text_of_lsn(database->lsn),
                    .time = annals::to_string(now)};
  switch_wal(*database);
  if (world_.repository.takes_wal()) simulation::archive(*database);
  return nullptr;
}

Answer RepositoryDeeds::operator()(const fsm::CheckArchived& action) {
  const Database* database = server_at(action.host);
  if (database == nullptr) return std::unexpected("cannot connect: connection refused");
  const auto end = database->archived.find(database->timeline);
  const bool is_there = end != database->archived.end() &&
                        action.segment <= segment_of(database->timeline, end->second);
  archive_ = {.segment = action.segment,
              .archived = is_there,
              .trouble = is_there || world_.repository.takes_wal()
                             ? std::string()
                             : concat("archive_command failed for ", action.segment)};
  return nullptr;
}

Answer RepositoryDeeds::operator()(const fsm::ReadArchiver& action) {
  const Database* database = server_at(action.host);
  if (database == nullptr) return std::unexpected("cannot connect: connection refused");
  archiver_ = fsm::ArchiverAnswer();
  if (!world_.repository.takes_wal() && !is_archived(*database)) {
    archiver_->count = 1;
    archiver_->failure =
        fsm::ArchiveFailure{.segment = segment_of(database->timeline, database->lsn),
                            .at = world_.schedule.now(),
                            .count = 1,
                            .waiting = 1,
                            .code = 103};
  }
  return nullptr;
}

Database* RepositoryDeeds::server_at(const std::string& host) {
  const Snapshot primary = leader_of(world_.server, cluster_.uid.value());
  const bool is_it = primary != nullptr && host.starts_with(concat(primary->key.name, "."));
  const bool is_service = host.starts_with(concat(cluster_.name, "-primary."));
  if (primary == nullptr || !(is_it || is_service) || world_.fault_state.database_down)
    return nullptr;
  return &world_.databases[cluster_.uid.value()];
}

}  // namespace annals::simulation
