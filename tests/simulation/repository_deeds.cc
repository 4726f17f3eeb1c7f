#include "tests/simulation/repository_deeds.h"

#include "base/concat.h"

namespace annals::simulation {

Answer RepositoryDeeds::operator()(const fsm::ReadRepository& action) {
  const Snapshot pod = world_.server.find({"Pod", cluster_.name_space, action.pod});
  if (pod == nullptr || pod->deleting || pod->pod.phase != "Running")
    return refuse(404, concat("pods \"", action.pod, "\" not found"));
  const Database& database = world_.databases[cluster_.uid.value()];
  contents_ = contents_of(database, concat("system of ", cluster_.uid.value()));
  if (world_.repository.is_lost)
    contents_ = {.code = fsm::kRepositoryUnreadable, .trouble = "unable to open the repository"};
  return nullptr;
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

Database* RepositoryDeeds::server_at(const std::string& host) {
  const Snapshot primary = leader_of(world_.server, cluster_.uid.value());
  const bool is_it = primary != nullptr && host.starts_with(concat(primary->key.name, "."));
  const bool is_service = host.starts_with(concat(cluster_.name, "-primary."));
  if (primary == nullptr || !(is_it || is_service) || world_.fault_state.database_down)
    return nullptr;
  return &world_.databases[cluster_.uid.value()];
}

}  // namespace annals::simulation
