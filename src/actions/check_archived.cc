#include "actions/check_archived.h"

#include <utility>

#include "actions/sql_login.h"
#include "base/concat.h"

namespace annals::actions {
namespace {

// A segment that has gone was archived: PostgreSQL removes none before that.
constexpr const char* kMarks =
    "SELECT pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8), "
    "(pg_catalog.pg_stat_file('pg_wal/archive_status/' || $1::text || '.done', true)).size "
    "IS NOT NULL, "
    "(pg_catalog.pg_stat_file('pg_wal/archive_status/' || $1::text || '.ready', true)).size "
    "IS NULL AND (pg_catalog.pg_stat_file('pg_wal/' || $1::text, true)).size IS NULL, "
    "CASE WHEN last_failed_time > coalesce(last_archived_time, '-infinity') THEN "
    "last_failed_wal || ' at ' || pg_catalog.to_char(last_failed_time AT TIME ZONE 'UTC', "
    "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') END "
    "FROM pg_catalog.pg_stat_archiver";

constexpr std::size_t kMarksColumns = 4;

Result<fsm::ArchiveSeen> archive_in(const postgres::Rows& answer, std::string segment) {
  if (answer.rows.empty() || answer.rows.front().size() != kMarksColumns)
    return fail(Errc::kInvalid, "the server says nothing of its archiver");
  const postgres::Row& row = answer.rows.front();
  const auto says = [&row](std::size_t column) { return row[column] == "t"; };
  fsm::ArchiveSeen seen{.segment = std::move(segment), .archived = false, .trouble = {}};
  const std::string timeline = row[0].value_or("");
  if (!seen.segment.starts_with(timeline) || timeline.empty()) {
    seen.trouble = concat("the primary writes timeline ", timeline, " by now");
    return seen;
  }
  seen.archived = says(1) || says(2);
  if (row[3] && !seen.archived) seen.trouble = concat("archive_command failed for ", *row[3]);
  return seen;
}

}  // namespace

boost::asio::awaitable<Answer<ActionResult>> run(fsm::CheckArchived intent, ClusterIdentity cluster,
                                                 ActionContext context) {
  Answer<SqlSession> session = co_await connect_to(server_of(intent, cluster), context);
  if (!session) co_return k8s::refuse(std::move(session).error());
  postgres::Statement question{.sql = kMarks, .parameters = {intent.segment}};
  const Result<postgres::Rows> answer = co_await session->connection.query(std::move(question));
  if (!answer) co_return to_action_error(with_forward_error(session->endpoint, answer.error()));
  Result<fsm::ArchiveSeen> seen = archive_in(*answer, std::move(intent.segment));
  if (!seen) co_return to_action_error(seen.error());
  ActionResult done;
  done.archive = *std::move(seen);
  co_return done;
}

}  // namespace annals::actions
