// A real PostgreSQL 15 with a real pgBackRest, whose repository is in a real object store over TLS:
// the server of script/s3, script/azure or script/gcs. What pgBackRest is told is what a pod of the
// cluster would find: the files of the cluster's ConfigMap and the user's Secret, the commands of
// the archive, of the Jobs and of a new replica. Paths of the pods become folders of this test's
// own, and a Job reaches the server without its way over another pod. As root it all runs as the
// user postgres. ANNALS_PGBACKREST is the folder of another pgBackRest than the installed one.
#pragma once

#include <filesystem>
#include <ostream>
#include <string>

#include "manifests/pgbackrest/backup_jobs.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

// A store: its script, what stands in `repos`, and what else pgBackRest has to know.
struct StoreForTests {
  const char* kind;
  const char* repository;  // JSON without its name
  const char* options;     // of `global`, JSON without braces

  friend void PrintTo(const StoreForTests& store, std::ostream* out) { *out << store.kind; }
};

class StoredDatabase {
 public:
  // With a server of the store that is empty; PostgreSQL does not run yet.
  explicit StoredDatabase(const StoreForTests& store);
  StoredDatabase(const StoredDatabase&) = delete;
  StoredDatabase& operator=(const StoredDatabase&) = delete;
  ~StoredDatabase();

  // What a line of Bash prints, without the last line's end; the test fails if the line does. In it
  // $data, $folder and pgbackrest as an instance has it.
  std::string run(const std::string& line) const;
  bool succeeds(const std::string& line) const;
  std::string sql(const std::string& statement) const;
  // Waits for it; the test fails after two minutes.
  void await(const std::string& condition) const;
  const spec::PostgresCluster& cluster() const { return cluster_; }
  // A command of the store's script, "rotate".
  void tell_store(const std::string& command) const;

  void start() const;
  // Ends the segment; its name.
  std::string switch_wal() const;
  void await_archived(const std::string& segment) const;
  // A Job's container, run to its end: its exit status, and what it said.
  int run_job(BackupPurpose purpose, const std::string& options = {}) const;
  std::string log() const { return run("cat job.log"); }
  // The server of script/s3 and so on has other credentials by now: the user's Secret gets them.
  void update_secret() const;
  // As Patroni makes a replica, which then follows the archive alone.
  void start_replica() const;
  std::string on_replica(const std::string& statement) const;
  // What a search finds of the credentials where they have no place.
  std::string leaked() const;

 private:
  int execute(const std::string& script) const;
  std::string in_folders(std::string text) const;
  void write(const std::string& file, const std::string& text) const;

  StoreForTests store_;
  spec::PostgresCluster cluster_;
  std::filesystem::path folder_;
};

}  // namespace annals::manifests
