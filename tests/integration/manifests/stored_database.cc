#include "tests/integration/manifests/stored_database.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/concat.h"
#include "manifests/instance/parameters.h"
#include "manifests/pgbackrest/pgbackrest_config.h"
#include "tests/unit/manifests/clusters.h"

namespace annals::manifests {
namespace {

namespace fs = std::filesystem;

spec::PostgresCluster stored(const StoreForTests& store) {
  return cluster_of("hippo", concat(R"({"postgresVersion": 15, "instances": [{"name": "instance1",
                 "dataVolumeClaimSpec": {"accessModes": ["ReadWriteOnce"],
                                         "resources": {"requests": {"storage": "1Gi"}}}}],
                 "backups": {"pgbackrest": {
                   "configuration": [{"secret": {"name": "keys"}}],
                   "global": {"repo1-path": "/hippo/repo1", "repo1-retention-full": "1",
                              "repo1-cipher-type": "aes-256-cbc", "repo1-bundle": "y",
                              "repo1-storage-ca-file": "/etc/pgbackrest/conf.d/ca.crt",
                              "io-timeout": "10", "log-level-console": "info", )",
                                    store.options, R"(}, "repos": [{"name": "repo1", )",
                                    store.repository, "}]}}}"));
}

void replace_each(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

std::string in_quotes(std::string text) {
  replace_each(text, "'", "'\\''");
  return concat("'", text, "'");
}

// pgBackRest is where the server is.
std::string without_host(const std::string& conf) {
  std::string rest;
  std::istringstream lines(conf);
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with("pg1-host")) rest += line + "\n";
  return rest;
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What every line finds; PostgreSQL and all that it starts have it too.
constexpr const char* kFound = R"bash(
export PATH=${ANNALS_PGBACKREST:-/usr/bin}:/usr/lib/postgresql/15/bin:$PATH
export PGBACKREST_CONFIG_PATH=$folder/instance PGBACKREST_LOCK_PATH=$folder/lock
export PGHOST=$folder/socket PGUSER=postgres PGDATABASE=postgres
data=$folder/pgdata/pg15
)bash";

constexpr const char* kMake = R"bash(
mkdir --parents pgdata/pgbackrest/log socket lock replica-socket
initdb --pgdata="$data" --waldir="${data}_wal" --username=postgres --auth=trust --no-sync >/dev/null
cat >>"$data/postgresql.conf" <<END
listen_addresses = ''
unix_socket_directories = '$folder/socket'
fsync = off
wal_level = logical
archive_mode = on
include 'archive.conf'
END
cp archive.conf "$data"
)bash";

}  // namespace

StoredDatabase::StoredDatabase(const StoreForTests& store)
    : store_(store), cluster_(stored(store)) {
  std::string pattern = "/tmp/annals-store-XXXXXX";
  folder_ = ::mkdtemp(pattern.data());
  fs::permissions(folder_, fs::perms::all);
  tell_store("up");
  for (const char* files : {"instance", "job"}) fs::create_directories(folder_ / files / "conf.d");
  const Json data = pgbackrest_config_map(cluster_, observed_hippo())["data"];
  write("instance/conf.d/pgbackrest_instance.conf",
        in_folders(data[kInstanceConf].get<std::string>()));
  write("job/conf.d/pgbackrest_cloud.conf",
        in_folders(without_host(data[kCloudConf].get<std::string>())));
  update_secret();
  std::string command = postgres_parameters(cluster_)["archive_command"].get<std::string>();
  replace_each(command, "'", "''");
  write("archive.conf", concat("archive_command = '", command, "'\n"));
  run(kMake);
}

StoredDatabase::~StoredDatabase() {
  execute("for file in pgdata/*/postmaster.pid; do kill -QUIT \"$(head --lines=1 $file)\"; done");
  tell_store("down");
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::string StoredDatabase::in_folders(std::string text) const {
  replace_each(text, "/etc/pgbackrest/", (folder_ / "instance" / "").string());
  replace_each(text, "/pgdata/", (folder_ / "pgdata" / "").string());
  replace_each(text, "/tmp/postgres", (folder_ / "socket").string());
  return text;
}

void StoredDatabase::write(const std::string& file, const std::string& text) const {
  const fs::path path = folder_ / file;
  std::ofstream(path.string() + ".new") << text;
  fs::permissions(path.string() + ".new", fs::perms::owner_read | fs::perms::owner_write |
                                              fs::perms::group_read | fs::perms::others_read);
  fs::rename(path.string() + ".new", path);
}

int StoredDatabase::execute(const std::string& script) const {
  const fs::path file = folder_ / "script";
  std::ofstream(file) << "folder=" << folder_.string() << kFound << script << "\n";
  const std::string as =
      ::geteuid() == 0 ? "setpriv --reuid=postgres --regid=postgres --clear-groups " : "";
  return std::system(concat("cd ", folder_.string(), "; ", as, "bash -euo pipefail ", file.string(),
                            " >", file.string(), ".out 2>", file.string(), ".err </dev/null")
                         .c_str());
}

bool StoredDatabase::succeeds(const std::string& line) const { return execute(line) == 0; }

std::string StoredDatabase::run(const std::string& line) const {
  const int status = execute(line);
  std::string out = text_of(folder_ / "script.out");
  EXPECT_EQ(status, 0) << line << "\n" << out << text_of(folder_ / "script.err");
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

std::string StoredDatabase::sql(const std::string& statement) const {
  return run(concat("psql --no-psqlrc --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1 -c ",
                    in_quotes(statement)));
}

void StoredDatabase::await(const std::string& condition) const {
  run(concat("for ((i = 0; i < 1200; ++i)); do { ", condition,
             "; } >/dev/null 2>&1 && exit; sleep 0.1; done; tail --lines=30 server.log; exit 1"));
}

// Not as postgres: the server's files are of whoever runs the test.
void StoredDatabase::tell_store(const std::string& command) const {
  std::string name = store_.kind;
  for (char& c : name) c = static_cast<char>(c - 'a' < 26 && c >= 'a' ? c - 'a' + 'A' : c);
  const std::string log = (folder_ / "store.log").string();
  const int status =
      std::system(concat("ANNALS_", name, "_ADDRESS=127.0.0.1 ANNALS_", name,
                         "_STATE=", (folder_ / "store").string(), " ", ANNALS_SOURCE_DIR,
                         "/script/", store_.kind, " ", command, " >", log, " 2>&1")
                      .c_str());
  EXPECT_EQ(status, 0) << command << "\n" << text_of(log);
}

void StoredDatabase::update_secret() const {
  const fs::path secret = folder_ / "secret";
  fs::create_directories(secret);
  tell_store("secret 1 " + secret.string());
  std::ofstream(secret / "cipher.conf") << "[global]\nrepo1-cipher-pass=canary-of-the-cipher\n";
  for (const auto& file : fs::directory_iterator(secret))
    for (const std::string of : {"instance", "job"})
      write(concat(of, "/conf.d/", file.path().filename().string()),
            in_folders(text_of(file.path())));
}

void StoredDatabase::start() const {
  run(R"(pg_ctl --pgdata="$data" --wait --silent --log="$folder/server.log" start)");
}

std::string StoredDatabase::switch_wal() const {
  return sql("SELECT pg_walfile_name(pg_switch_wal())");
}

void StoredDatabase::await_archived(const std::string& segment) const {
  await(concat(R"([[ -e $data/pg_wal/archive_status/)", segment, ".done ]]"));
}

int StoredDatabase::run_job(BackupPurpose purpose, const std::string& options) const {
  const Json job =
      backup_job(cluster_, observed_hippo(), {"job", purpose, "repo1", {options}, "now"});
  std::string line = "export PGBACKREST_CONFIG_PATH=$folder/job\nexec";
  for (const Json& word : job["spec"]["template"]["spec"]["containers"][0]["command"])
    line += concat(" ", in_quotes(word.get<std::string>()));
  return WEXITSTATUS(execute(line + " >job.log 2>&1"));
}

void StoredDatabase::start_replica() const {
  std::string command = in_folders(
      replica_create_command(cluster_, observed_hippo(), cluster_.spec.instances.front()));
  replace_each(command, "pg15_wal", "replica_wal");
  run(concat(
      "export PGDATA=$folder/pgdata/replica PGBACKREST_PG1_PATH=$folder/pgdata/replica\n"
      "export PGBACKREST_LOCK_PATH=$folder/replica-lock PGBACKREST_SPOOL_PATH=$folder/spool\n",
      command, R"( >replica.log 2>&1
cat >>"$PGDATA/postgresql.conf" <<END
unix_socket_directories = '$folder/replica-socket'
archive_mode = off
END
pg_ctl --wait --silent --log="$folder/replica.log" start)"));
}

std::string StoredDatabase::on_replica(const std::string& statement) const {
  return run(concat("psql --host=$folder/replica-socket -XqAt -c ", in_quotes(statement)));
}

// Of a private key one line stands for all; as a path it is no secret.
std::string StoredDatabase::leaked() const {
  return run(R"(cat instance/conf.d/{azure,gcs,s3,cipher}.conf 2>/dev/null |
  sed --quiet '/-key\|-pass/s/^[^=]*=//p' | grep --invert-match '^/' >canaries || true
key=instance/conf.d/gcs-key.json
[[ ! -e $key ]] || jq --raw-output .private_key $key | sed --quiet 5p >>canaries
(($(wc --lines <canaries) >= 2))
grep --recursive --files-with-matches --text --fixed-strings --file=canaries \
  --exclude=canaries --exclude-dir={conf.d,store,secret} . || true
for process in /proc/[0-9]*; do
  tr '\0' '\n' <"$process/cmdline" | grep --fixed-strings --file=canaries || true
done 2>/dev/null)");
}

}  // namespace annals::manifests
