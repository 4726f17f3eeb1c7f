#include "tests/integration/manifests/restored_database.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>

#include "base/concat.h"
#include "tests/unit/manifests/clusters.h"

namespace annals::manifests {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBackedUp = R"json({
  "postgresVersion": 15,
  "instances": [{"name": "instance1", "dataVolumeClaimSpec": {"accessModes": ["ReadWriteOnce"],
                 "resources": {"requests": {"storage": "1Gi"}}}}],
  "backups": {"pgbackrest": {"repos": [{"name": "repo1", "volume": {"volumeClaimSpec": {
    "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}}]}}
})json";

spec::PostgresCluster backed_up() { return cluster_of("hippo", kBackedUp); }

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

std::string quoted(std::string text) {
  replace_all(text, "'", "'\\''");
  return concat("'", text, "'");
}

std::string content_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// pgBackRest has each file written to the disk, of which there are a thousand in each restore.
std::string parent_folder() {
  constexpr std::uintmax_t kEnough = 500 << 20;
  std::error_code none;
  const bool memory = fs::space("/dev/shm", none).available >= kEnough && !none;
  return memory ? "/dev/shm" : "/tmp";
}

// What every line finds: folders, and the programs of the image.
constexpr const char* kSurroundings = R"bash(
export PATH=$folder/bin:/usr/lib/postgresql/15/bin:$PATH PGBACKREST_CONFIG=$folder/pgbackrest.conf
export PGHOST=$folder/socket PGUSER=postgres PGDATABASE=postgres real=/usr/bin/pgbackrest
data=$folder/pgdata/pg15 restored=$folder/pgdata/pg15_bootstrap repo=$folder/repo work=$folder/restore
)bash";

constexpr const char* kInitialize = R"bash(
mkdir --parents "$folder"/{bin,pgdata,repo,socket,lock}
cat >"$PGBACKREST_CONFIG" <<END
[global]
repo1-path=$repo
lock-path=$folder/lock
spool-path=$folder/spool
archive-async=y
log-level-file=off
archive-timeout=20
start-fast=y
[db]
pg1-path=$data
pg1-socket-path=$folder/socket
END
initdb --pgdata="$data" --waldir="${data}_wal" --username=postgres --auth=peer --no-sync --data-checksums \
  --wal-segsize=1
cat >>"$data/postgresql.conf" <<END
listen_addresses = ''
unix_socket_directories = '$folder/socket'
fsync = off
wal_level = logical
max_connections = 30
shared_buffers = 16MB
archive_mode = on
archive_command = 'pgbackrest --stanza=db archive-push "%p"'
restore_command = 'false'
END
)bash";

}  // namespace

RestoredDatabase::RestoredDatabase() {
  // Short, since a socket's path has its limit.
  std::string pattern = concat(parent_folder(), "/annals-restore-XXXXXX");
  folder_ = ::mkdtemp(pattern.data());
  fs::permissions(folder_, fs::perms::all);
  run(kInitialize);
  start();
  run("pgbackrest --stanza=db stanza-create");
  sql("CREATE TABLE t (n int)");
}

RestoredDatabase::~RestoredDatabase() {
  execute(R"sh(for file in "$data" "$restored"; do
    [[ ! -e $file/postmaster.pid ]] || kill -KILL "$(head --lines=1 "$file/postmaster.pid")"
  done)sh");
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

int RestoredDatabase::execute(const std::string& script) const {
  const fs::path file = folder_ / "script";
  std::ofstream(file) << "folder=" << folder_.string() << kSurroundings << script << "\n";
  const std::string as =
      ::geteuid() == 0 ? "setpriv --reuid=postgres --regid=postgres --clear-groups " : "";
  return std::system(concat("cd ", folder_.string(), "; ", as, "bash -euo pipefail ", file.string(),
                            " >", file.string(), ".out 2>", file.string(), ".err </dev/null")
                         .c_str());
}

bool RestoredDatabase::succeeds(const std::string& line) const { return execute(line) == 0; }

std::string RestoredDatabase::run(const std::string& line) const {
  const int status = execute(line);
  std::string out = content_of(folder_ / "script.out");
  EXPECT_EQ(status, 0) << line << "\n" << out << content_of(folder_ / "script.err");
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

std::string RestoredDatabase::sql(const std::string& statement) const {
  return run(concat("psql --no-psqlrc --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1 -c ",
                    quoted(statement)));
}

std::string RestoredDatabase::rows() const {
  return sql("SELECT string_agg(n::text, ' ' ORDER BY n) FROM t");
}

void RestoredDatabase::write(int n) const { sql(concat("INSERT INTO t VALUES (", n, ")")); }

void RestoredDatabase::back_up(const std::string& type) const {
  run(concat("pgbackrest --stanza=db --type=", type, " backup"));
}

std::string RestoredDatabase::last_backup() const {
  return run("pgbackrest repo-ls backup/db | grep -E '^[0-9]{8}-[0-9]{6}F' | tail -n 1");
}

std::string RestoredDatabase::switch_wal() const {
  const std::string segment = sql("SELECT pg_walfile_name(pg_switch_wal())");
  await(concat("pgbackrest repo-ls archive/db/15-1/", segment.substr(0, 16), " | grep ", segment));
  return segment;
}

void RestoredDatabase::start() const {
  run(R"(pg_ctl --pgdata="$data" --wait --silent --log="$folder/server.log" start)");
}

void RestoredDatabase::stop() const { run(R"(pg_ctl --pgdata="$data" --wait --silent stop)"); }

void RestoredDatabase::kill() const {
  run(R"(pid=$(head --lines=1 "$data/postmaster.pid"); pkill --signal KILL --parent "$pid"
    kill -KILL "$pid"; while kill -0 "$pid" 2>/dev/null; do :; done)");
}

void RestoredDatabase::start_restored() const {
  run(R"(mv --no-target-directory "$restored" "$data")");
  start();
}

RestoreJob RestoredDatabase::request() const {
  RestoreJob job{.id = "now", .instance = "hippo-instance1-bcdf", .repo = "repo1"};
  job.options.set = last_backup();
  job.options.timeline = "1";
  job.archive = "15-1";
  return job;
}

ArchiveJob RestoredDatabase::archive_request() const {
  return {.id = "now", .instance = "hippo-instance1-bcdf", .repo = "repo1"};
}

DrillJob RestoredDatabase::drill_request() const {
  return {.id = "now",
          .repo = "repo1",
          .set = last_backup(),
          .timeline = "1",
          .archive = "15-1",
          .database = "postgres"};
}

// What a kubelet makes of the manifest: variables and words, with "$$" for a dollar sign.
std::string RestoredDatabase::command_of(const Json& job, const std::string& volume) const {
  const Json& container = job["spec"]["template"]["spec"]["containers"][0];
  std::string line = "rm --force $folder/message; exec env";
  for (const Json& one : container["env"]) {
    const std::string& name = one["name"].text();
    if (name == "LD_PRELOAD" || name.starts_with("NSS_WRAPPER")) continue;
    std::string value = name == "patience" ? std::to_string(patience_) : one["value"].text();
    line += concat(" ", quoted(concat(name, "=", value)));
  }
  for (const Json& word : container["command"]) line += concat(" ", quoted(word.text()));
  replace_all(line, "$$", "$");
  replace_all(line, "/dev/termination-log", (folder_ / "message").string());
  replace_all(line, "/tmp/restore", (folder_ / "restore").string());
  replace_all(line, "/pgdata/", (folder_ / volume / "").string());
  return line;
}

bool RestoredDatabase::run_job(const RestoreJob& job) {
  begin_job(job);
  return wait_for_job();
}

bool RestoredDatabase::run_job(const ArchiveJob& job) {
  std::ofstream(folder_ / "job") << "folder=" << folder_.string() << kSurroundings
                                 << command_of(archive_job(backed_up(), observed_hippo(), job))
                                 << "\n";
  return execute("bash -eu job >pod.log 2>&1") == 0;
}

int RestoredDatabase::run_drill(const DrillJob& job) {
  run("rm --recursive --force drill restore; mkdir drill");
  std::ofstream(folder_ / "job") << "folder=" << folder_.string() << kSurroundings
                                 << command_of(drill_job(backed_up(), observed_hippo(), job),
                                               "drill")
                                 << "\n";
  return WEXITSTATUS(execute("bash -eu job >pod.log 2>&1"));
}

void RestoredDatabase::begin_job(const RestoreJob& job) {
  std::ofstream(folder_ / "job") << "folder=" << folder_.string() << kSurroundings
                                 << command_of(restore_job(backed_up(), observed_hippo(), job))
                                 << "\n";
  run("rm --force status; setsid bash -c "
      "'echo $$ >pid; bash -eu job >pod.log 2>&1 && echo 0 >status || echo $? >status' &");
}

// As with the end of a container: PostgreSQL's processes and what they have started are each in a
// session of their own, in the data directory. The next one has a /tmp of its own, without a lock
// file of a process that nobody has waited for yet.
void RestoredDatabase::kill_job() const {
  run(R"(kill -KILL -- -$(cat pid); echo killed >status
         of_server() { for it in /proc/[0-9]*; do
           [[ $(readlink $it/cwd) != "$data"* ]] || echo ${it#/proc/}; done 2>/dev/null; }
         while left=$(of_server) && [[ -n $left ]]; do kill -KILL $left 2>/dev/null || :; done
         rm --recursive --force restore)");
}

bool RestoredDatabase::wait_for_job() {
  await("[[ -s status ]]");
  return content_of(folder_ / "status") == "0\n";
}

std::string RestoredDatabase::message() const { return content_of(folder_ / "message"); }
std::string RestoredDatabase::log() const { return content_of(folder_ / "pod.log"); }

std::string RestoredDatabase::said(const std::string& name) const {
  std::istringstream lines(message());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name + " ")) return line.substr(name.size() + 1);
  }
  return "(nothing)";
}

void RestoredDatabase::await(const std::string& condition) const {
  run(concat("for ((i = 0; i < 600; ++i)); do { ", condition,
             "; } >/dev/null 2>&1 && exit; sleep 0.1; done; cat pod.log message; exit 1"));
}

void RestoredDatabase::stand_in(const std::string& script) const {
  run(concat("printf '%s\\n' '#!/bin/bash' \"folder=$folder repo=$folder/repo real=$real\" ",
             quoted(script), " >bin/pgbackrest.new; ",
             "chmod +x bin/pgbackrest.new; mv bin/pgbackrest.new bin/pgbackrest"));
}

}  // namespace annals::manifests
