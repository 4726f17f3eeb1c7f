// The shell that runs a user's script beside psql, with a real Bash, psql and PostgreSQL.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "actions/run_init_sql.h"
#include "base/concat.h"
#include "tests/integration/k8s/support/loop.h"
#include "tests/integration/postgres/postgres_server.h"

namespace annals::actions {
namespace {

namespace fs = std::filesystem;

// A command that runs beside the test, with files for its input and output.
class Shell {
 public:
  Shell(const fs::path& folder, const std::vector<std::string>& command, const std::string& input,
        const std::vector<std::string>& environment)
      : output_(folder / "output") {
    std::ofstream(folder / "input") << input;
    std::vector<char*> arguments = pointers(command);
    std::vector<char*> variables = pointers(environment);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, (folder / "input").c_str(), O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, output_.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                     0600);
    EXPECT_EQ(
        posix_spawnp(&pid_, arguments[0], &files, nullptr, arguments.data(), variables.data()), 0);
    posix_spawn_file_actions_destroy(&files);
  }
  // What it said, told as an outcome would; empty when all was well.
  std::string trouble() const {
    int status = 0;
    EXPECT_EQ(::waitpid(pid_, &status, 0), pid_);
    std::stringstream said;
    said << std::ifstream(output_).rdbuf();
    EXPECT_TRUE(WIFEXITED(status));
    return WEXITSTATUS(status) == 0 ? "" : init_sql_trouble(WEXITSTATUS(status), said.str());
  }

 private:
  static std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> all;
    all.reserve(texts.size() + 1);
    for (const std::string& text : texts) all.push_back(const_cast<char*>(text.c_str()));  // NOLINT
    all.push_back(nullptr);
    return all;
  }

  fs::path output_;
  pid_t pid_ = -1;
};

class InitSql : public k8s::LoopTest {
 protected:
  InitSql() {
    std::string name = (fs::temp_directory_path() / "init-sql-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    const postgres::ConnectOptions options = server_.as_superuser();
    write("ca", options.ca);
    write("certificate", options.client->certificate);
    write("key", std::string(options.client->key.reveal()));
    ask("CREATE ROLE _crunchyrepl REPLICATION LOGIN");
    ask("CREATE DATABASE zoo");
  }
  ~InitSql() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name) << content;
    fs::permissions(folder_ / name, fs::perms::owner_read | fs::perms::owner_write);
  }
  std::vector<std::string> environment() const {
    return {concat("PATH=", ::getenv("PATH")),  // NOLINT(concurrency-mt-unsafe)
            "PGHOST=localhost",
            concat("PGPORT=", server_.port()),
            "PGSSLMODE=verify-full",
            concat("PGSSLROOTCERT=", (folder_ / "ca").string()),
            concat("PGSSLCERT=", (folder_ / "certificate").string()),
            concat("PGSSLKEY=", (folder_ / "key").string())};
  }
  Shell start(const std::string& script, const std::string& name = "run",
              RanBefore before = RanBefore::kNo) const {
    fs::create_directories(folder_ / name);
    return {folder_ / name, init_sql_command(script, "uid-of-hippo", before), script,
            environment()};
  }
  std::string run_script(const std::string& script, RanBefore before = RanBefore::kNo) const {
    return start(script, "run", before).trouble();
  }
  std::string forget() const {
    return Shell(folder_, forget_init_sql_command("uid-of-hippo"), "", environment()).trouble();
  }
  std::string ask(const std::string& sql, const std::string& database = "postgres") {
    postgres::ConnectOptions options = server_.as_superuser();
    options.database = database;
    Result<postgres::Connection> connection = run(postgres::Connection::connect(options));
    const Result<postgres::Rows> rows = run(connection.value().query({sql, {}}));
    if (!rows) return to_string(rows.error());
    return rows->rows.empty() ? "" : rows->rows[0][0].value_or("");
  }

  postgres::PostgresServer server_;
  fs::path folder_;
};

TEST_F(InitSql, RunsOnceWithAllThatPsqlKnows) {
  const std::string script =
      "CREATE TABLE one (n int);\n\\c zoo\nCREATE TABLE two (n int);\n\\set many 3\n"
      "INSERT INTO two SELECT generate_series(1, :many);";
  EXPECT_EQ(run_script(script), "");
  EXPECT_EQ(run_script(script), "") << "the database remembers it";
  EXPECT_EQ(ask("SELECT count(*) FROM two", "zoo"), "3");
  EXPECT_EQ(run_script("INSERT INTO two VALUES (4);"), "") << "whatever is in it by now";
  EXPECT_EQ(ask("SELECT count(*) FROM two", "zoo"), "3");
}

TEST_F(InitSql, AMarkThatIsTakenAwayLetsItRunAgain) {
  EXPECT_EQ(run_script("CREATE TABLE one (n int);"), "");
  EXPECT_EQ(forget(), "");
  EXPECT_EQ(run_script("INSERT INTO one VALUES (1);"), "");
  EXPECT_EQ(ask("SELECT count(*) FROM one"), "1");
}

TEST_F(InitSql, WhatAnotherOperatorRanIsMarkedAndNotRunAgain) {
  EXPECT_EQ(run_script("CREATE TABLE one (n int);", RanBefore::kYes), "");
  EXPECT_EQ(ask("SELECT to_regclass('one') IS NULL"), "t");
  EXPECT_EQ(run_script("CREATE TABLE one (n int);"), "");
  EXPECT_EQ(ask("SELECT to_regclass('one') IS NULL"), "t") << "it bears our mark now";
  EXPECT_EQ(forget(), "");
  EXPECT_EQ(run_script("CREATE TABLE one (n int);", RanBefore::kYes), "");
  EXPECT_EQ(ask("SELECT to_regclass('one') IS NULL"), "f") << "the other's word is of before ours";
}

TEST_F(InitSql, AFailureSaysWhereAndNotWhatAndIsNotRemembered) {
  EXPECT_EQ(run_script("SELECT 1;\nSELECT 'canary' / 7;\nCREATE TABLE late (n int);"),
            "psql ended with exit status 3 at line 2: SQLSTATE 22P02; see PostgreSQL's log in "
            "the pod");
  EXPECT_EQ(ask("SELECT to_regclass('late') IS NULL"), "t") << "it ended at the first error";
  EXPECT_EQ(run_script("CREATE TABLE late (n int);"), "");
  EXPECT_EQ(ask("SELECT to_regclass('late') IS NULL"), "f");
}

TEST_F(InitSql, AScriptMayGoOnAfterErrorsIfItSaysSo) {
  EXPECT_EQ(run_script("\\set ON_ERROR_STOP off\nSELECT 1/0;\nCREATE TABLE late (n int);"), "");
  EXPECT_EQ(ask("SELECT to_regclass('late') IS NULL"), "f");
}

TEST_F(InitSql, ASecondRunBesideAFirstIsNotBegun) {
  const Shell first = start("SELECT pg_sleep(60);\nCREATE TABLE one (n int);", "first");
  run_until([&] {
    return ask("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'") == "1";
  });
  EXPECT_EQ(run_script("CREATE TABLE one (n int);"), "an earlier run is still in progress");
  EXPECT_EQ(ask("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE "
                "'SELECT pg_sleep%'"),
            "t");
  EXPECT_NE(first.trouble().find("SQLSTATE 57014"), std::string::npos);
  EXPECT_EQ(run_script("CREATE TABLE one (n int);"), "");
}

TEST_F(InitSql, PartOfAScriptIsNotRun) {
  fs::create_directories(folder_ / "part");
  const std::string script = "CREATE TABLE one (n int);\nCREATE TABLE two (n int);";
  const Shell part(folder_ / "part", init_sql_command(script, "uid-of-hippo", RanBefore::kNo),
                   script.substr(0, 30), environment());
  EXPECT_EQ(part.trouble(), "the script was not transferred completely");
  EXPECT_EQ(ask("SELECT to_regclass('one') IS NULL"), "t");
}

}  // namespace
}  // namespace annals::actions
