// A real PostgreSQL 15 with a real pgBackRest and a repository in a folder, and the Jobs of a
// restore, and of a drill, run on it with the very commands and variables of their manifests. Paths
// of the pods become folders of this test's own. As root it all runs as the user postgres.
#pragma once

#include <filesystem>
#include <string>

#include "manifests/json.h"
#include "manifests/pgbackrest/drill_job.h"
#include "manifests/pgbackrest/restore_jobs.h"

namespace annals::manifests {

class RestoredDatabase {
 public:
  // A server with a table `t (n int)`, a stanza, and WAL that is archived; no backup.
  RestoredDatabase();
  RestoredDatabase(const RestoredDatabase&) = delete;
  RestoredDatabase& operator=(const RestoredDatabase&) = delete;
  ~RestoredDatabase();

  // What a line of Bash prints, without the last line's end; the test fails if the line does. In it
  // $data, $restored, $repo, $folder and $work.
  std::string run(const std::string& line) const;
  bool succeeds(const std::string& line) const;
  std::string sql(const std::string& statement) const;
  // Rows of `t`, "1 2 3".
  std::string rows() const;
  void write(int n) const;

  void back_up(const std::string& type = "full") const;
  std::string last_backup() const;
  // Ends the segment and waits until it is archived; its name.
  std::string switch_wal() const;

  void start() const;
  void stop() const;
  void kill() const;
  // As Patroni's bootstrap does.
  void start_restored() const;

  // A restore of the last backup along timeline 1.
  RestoreJob request() const;
  ArchiveJob archive_request() const;
  // A drill of the last backup.
  DrillJob drill_request() const;

  // Whether it succeeded; message() is what it left.
  bool run_job(const RestoreJob& job);
  bool run_job(const ArchiveJob& job);
  // Beside the server, on a volume of its own that is empty. Its exit status.
  int run_drill(const DrillJob& job);
  // Goes on beside the test until wait_for_job().
  void begin_job(const RestoreJob& job);
  bool wait_for_job();
  // With all of its processes, at once.
  void kill_job() const;
  std::string message() const;
  // Of a message "name value": the value.
  std::string said(const std::string& name) const;
  // Of the pod.
  std::string log() const;
  // Waits for it; the test fails after a minute.
  void await(const std::string& condition) const;
  // Instead of pgbackrest. In it $folder, $repo, and $real, which is pgBackRest.
  void stand_in(const std::string& script) const;
  // How long a Job goes on without its repository.
  void set_patience(int seconds) { patience_ = seconds; }

 private:
  int execute(const std::string& script) const;
  // `volume` is the folder that the Job knows as /pgdata.
  std::string command_of(const Json& job, const std::string& volume = "pgdata") const;
  int status_of(const std::string& command);

  std::filesystem::path folder_;
  int patience_ = 900;
};

}  // namespace annals::manifests
