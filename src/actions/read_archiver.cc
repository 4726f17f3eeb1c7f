#include "actions/read_archiver.h"

#include <charconv>
#include <chrono>
#include <utility>

#include "actions/sql_login.h"
#include "base/printable.h"

namespace annals::actions {
namespace {

constexpr const char* kArchiver =
    "SELECT last_archived_wal, pg_catalog.floor(EXTRACT(epoch FROM last_archived_time))::int8, "
    "last_failed_wal, pg_catalog.floor(EXTRACT(epoch FROM last_failed_time))::int8, failed_count "
    "FROM pg_catalog.pg_stat_archiver";
constexpr std::size_t kArchiverColumns = 5;

constexpr std::size_t kWalNameMax = 64;

std::int64_t archiver_number(const std::optional<std::string>& text) {
  std::int64_t number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

Timestamp archiver_time(const std::optional<std::string>& text) {
  return Timestamp(std::chrono::seconds(archiver_number(text)));
}

Result<fsm::ArchiverState> archiver_in(const postgres::Rows& answer) {
  if (answer.rows.empty() || answer.rows.front().size() != kArchiverColumns)
    return fail(Errc::kInvalid, "the server says nothing of its archiver");
  const postgres::Row& row = answer.rows.front();
  return fsm::ArchiverState{.last_wal = printable(row[0].value_or(""), kWalNameMax),
                            .last_at = archiver_time(row[1]),
                            .failed_wal = printable(row[2].value_or(""), kWalNameMax),
                            .failed_at = archiver_time(row[3]),
                            .failures = archiver_number(row[4])};
}

}  // namespace

boost::asio::awaitable<Answer<ActionResult>> run(fsm::ReadArchiver intent, ClusterIdentity cluster,
                                                 ActionContext context) {
  SqlServer server{.cluster = cluster,
                   .host = std::move(intent.host),
                   .port = intent.port,
                   .authority_secret = std::move(intent.authority_secret),
                   .custom_tls = std::move(intent.server)};
  Answer<SqlSession> session = co_await connect_to(std::move(server), context);
  if (!session) co_return k8s::refuse(std::move(session).error());
  postgres::Statement question{.sql = kArchiver};
  const Result<postgres::Rows> answer = co_await session->connection.query(std::move(question));
  if (!answer) co_return to_action_error(with_forward_error(session->endpoint, answer.error()));
  Result<fsm::ArchiverState> archiver = archiver_in(*answer);
  if (!archiver) co_return to_action_error(archiver.error());
  ActionResult done;
  done.archiver = *std::move(archiver);
  co_return done;
}

}  // namespace annals::actions
