// Deeds on the WAL of a database and on the repository that keeps it.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "fsm/model/intent.h"
#include "tests/simulation/deed.h"

namespace annals::simulation {

class RepositoryDeeds {
 public:
  RepositoryDeeds(World& world, const actions::ClusterIdentity& cluster)
      : world_(world), cluster_(cluster) {}

  Answer operator()(const fsm::ReadRepository& action);
  Answer operator()(const fsm::MakeRestorePoint& action);
  Answer operator()(const fsm::CheckArchived& action);
  Answer operator()(const fsm::ReadArchiver& action);
  Answer operator()(const fsm::ReadSource& action);
  Answer operator()(const fsm::ReadVolumes& action);
  Answer operator()(const fsm::WithdrawReceipt& action);

  // What was answered.
  const std::optional<fsm::RepositoryContents>& contents() const { return contents_; }
  const std::optional<fsm::RestorePoint>& restore_point() const { return restore_point_; }
  const std::optional<fsm::ArchiveSeen>& archive() const { return archive_; }
  const std::optional<fsm::ArchiverAnswer>& archiver() const { return archiver_; }
  const std::optional<fsm::SourceCluster>& source() const { return source_; }
  const std::map<std::string, fsm::VolumeSeen>& volumes() const { return volumes_; }

 private:
  // Of a repository whose host is that pod; nothing where it does not run.
  std::optional<fsm::RepositoryContents> read(const std::string& pod, const std::string& uid,
                                              AsksServer asks = AsksServer::kNo);
  // Where no cluster is named.
  Answer read_store(const fsm::ReadSource& action);
  std::string writer_of_bucket();
  // Of the primary, if that is its host; null: nobody answers there.
  Database* server_at(const std::string& host);

  World& world_;
  const actions::ClusterIdentity& cluster_;
  std::optional<fsm::RepositoryContents> contents_;
  std::optional<fsm::RestorePoint> restore_point_;
  std::optional<fsm::ArchiveSeen> archive_;
  std::optional<fsm::ArchiverAnswer> archiver_;
  std::optional<fsm::SourceCluster> source_;
  std::map<std::string, fsm::VolumeSeen> volumes_;
};

}  // namespace annals::simulation
