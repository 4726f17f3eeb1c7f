#include "actions/read_repository.h"

#include <charconv>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "actions/sql_login.h"
#include "base/concat.h"
#include "fsm/codec/codec.h"
#include "k8s/pods/exec.h"
#include "lens/dropped_wal.h"
#include "lens/repository.h"
#include "lens/wal_folder.h"

namespace annals::actions {
namespace {

using namespace std::chrono_literals;

// A server that does not answer takes pgBackRest several times its io-timeout.
constexpr auto kInfoTimeout = 3min;
// With its default a server that does not answer takes longer than that.
constexpr const char* kIoTimeout = "--io-timeout=10";
// Some 700 bytes are a backup, which years of them do not fill.
constexpr std::size_t kInfoBytesMax = std::size_t{16} << 20U;

constexpr std::string_view kRepositoryPrefix = "repo";

std::string repo_option(std::string_view repo) {
  if (repo.starts_with(kRepositoryPrefix)) repo.remove_prefix(kRepositoryPrefix.size());
  return concat("--repo=", repo);
}

std::vector<std::string> info_command(const std::string& stanza, const std::string& repo) {
  return {"pgbackrest",      "info",          concat("--stanza=", stanza),
          repo_option(repo), "--output=json", kIoTimeout};
}

k8s::PodCommand command_for(const RepositoryQuestion& question, std::vector<std::string> words) {
  return {.pod = question.pod,
          .container = question.container,
          .command = std::move(words),
          .input = std::nullopt,
          .timeout = kInfoTimeout,
          .output_bytes_max = kInfoBytesMax};
}

// Of the last WAL more than its name. Where that cannot be had, what `info` said is good all the
// same.
boost::asio::awaitable<void> list_last_wal(RepositoryQuestion question, ActionContext context,
                                           fsm::RepositoryContents* contents) {
  std::string folder = lens::folder_of_last_wal(*contents, question.stanza);
  if (folder.empty()) co_return;
  k8s::PodCommand command =
      command_for(question, {"pgbackrest", "repo-ls", repo_option(question.repo), "--output=json",
                             kIoTimeout, std::move(folder)});
  const Answer<k8s::PodCommandResult> ended =
      co_await k8s::run_in_pod(&context.client, std::move(command));
  if (ended && ended->exit.code == 0 && !ended->cut)
    (void)lens::read_wal_folder(ended->output, *contents);
}

// Of a server that recovers nothing is known: what it has archived was as another one's standby.
constexpr const char* kTakenForArchived =
    "SELECT a.last_archived_wal, c.system_identifier, s.setting "
    "FROM pg_catalog.pg_stat_archiver AS a, pg_catalog.pg_control_system() AS c, "
    "pg_catalog.pg_settings AS s "
    "WHERE s.name = 'wal_segment_size' AND NOT pg_catalog.pg_is_in_recovery()";
constexpr std::size_t kTakenColumns = 3;

// Without an answer the repository is looked into all the same.
boost::asio::awaitable<lens::TakenForArchived> ask_primary(SqlServer server,
                                                           ActionContext context) {
  if (server.host.empty()) co_return lens::TakenForArchived();
  Answer<SqlSession> session = co_await connect_to(std::move(server), context);
  if (!session) co_return lens::TakenForArchived();
  postgres::Statement question{.sql = kTakenForArchived};
  const Result<postgres::Rows> answer = co_await session->connection.query(std::move(question));
  if (!answer || answer->rows.empty() || answer->rows.front().size() != kTakenColumns)
    co_return lens::TakenForArchived();
  const postgres::Row& row = answer->rows.front();
  lens::TakenForArchived taken{.name = row[0].value_or(""), .system_id = row[1].value_or("")};
  const std::string bytes = row[2].value_or("");
  (void)std::from_chars(bytes.data(), bytes.data() + bytes.size(), taken.segment_bytes);
  co_return taken;
}

}  // namespace

boost::asio::awaitable<Answer<fsm::RepositoryContents>> ask_repository(RepositoryQuestion question,
                                                                       ActionContext context) {
  k8s::PodCommand command = command_for(question, info_command(question.stanza, question.repo));
  Answer<k8s::PodCommandResult> ended =
      co_await k8s::run_in_pod(&context.client, std::move(command));
  if (!ended) co_return k8s::refuse(std::move(ended).error());
  if (ended->exit.code != 0)
    co_return k8s::refuse(k8s::Trouble::kNotSent, "pgbackrest info ended with exit status ",
                          ended->exit.code);
  if (ended->cut)
    co_return k8s::refuse(k8s::Trouble::kNotSent, "pgbackrest info says more than ", kInfoBytesMax,
                          " bytes");
  Result<fsm::RepositoryContents> contents =
      lens::read_repository(ended->output, question.stanza, question.repo);
  if (!contents) co_return k8s::refuse(k8s::Trouble::kNotSent, contents.error().detail);
  co_return *std::move(contents);
}

boost::asio::awaitable<Answer<ActionResult>> run(fsm::ReadRepository intent,
                                                 ClusterIdentity cluster, ActionContext context) {
  RepositoryQuestion question{.pod = {cluster.name_space, intent.pod},
                              .container = intent.container,
                              .stanza = intent.stanza,
                              .repo = intent.repo};
  const lens::TakenForArchived taken = co_await ask_primary(server_of(intent, cluster), context);
  Answer<fsm::RepositoryContents> contents = co_await ask_repository(question, context);
  if (!contents) co_return k8s::refuse(std::move(contents).error());
  co_await list_last_wal(std::move(question), context, &*contents);
  lens::add_dropped_wal(taken, *contents);
  ActionResult done;
  if (intent.known.empty() || fsm::digest_of(*contents) != intent.known)
    done.contents = *std::move(contents);
  co_return done;
}

}  // namespace annals::actions
