#include "actions/make_restore_point.h"

#include <charconv>
#include <string_view>
#include <utility>

#include "actions/sql_login.h"
#include "postgres/sql/wal_segment.h"

namespace annals::actions {
namespace {

// Recovery to a time ends at the first commit after it. This one is after the time that it tells,
// which is therefore in reach once its WAL is archived.
constexpr const char* kCommit =
    "SELECT pg_catalog.to_char(pg_catalog.clock_timestamp() AT TIME ZONE 'UTC', "
    "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), pg_catalog.txid_current()";

// The name of a segment begins with the timeline; which segment it is, versions of PostgreSQL say
// differently where one ends.
constexpr const char* kPoint =
    "SELECT pg_catalog.pg_create_restore_point($1::text), "
    "('x' || pg_catalog.left(pg_catalog.pg_walfile_name("
    "pg_catalog.pg_current_wal_insert_lsn()), 8))::bit(32)::int8, "
    "(SELECT setting FROM pg_catalog.pg_settings WHERE name = 'wal_segment_size')";

// It writes out what was only inserted until then.
constexpr const char* kSwitch = "SELECT pg_catalog.pg_switch_wal()";

constexpr std::size_t kPointColumns = 3;

// 0 where it is no number.
std::int64_t wal_number(const std::string& text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Result<fsm::RestorePoint> restore_point_in(const postgres::Row& row) {
  if (row.size() != kPointColumns || !row[0] || !row[1] || !row[2])
    return fail(Errc::kInvalid, "the server does not say where the restore point is");
  fsm::RestorePoint point{
      .name = {}, .timeline = wal_number(*row[1]), .segment = {}, .lsn = *row[0], .time = {}};
  const auto bytes = static_cast<std::uint64_t>(wal_number(*row[2]));
  Result<std::string> segment = postgres::wal_segment_before(point.lsn, point.timeline, bytes);
  if (!segment) return fail(std::move(segment).error());
  point.segment = *std::move(segment);
  return point;
}

boost::asio::awaitable<Result<fsm::RestorePoint>> make_point(postgres::Connection* connection,
                                                             std::string name) {
  postgres::Statement commit{.sql = kCommit};
  const Result<postgres::Rows> committed = co_await connection->query(std::move(commit));
  if (!committed) co_return fail(committed.error());
  if (committed->rows.empty() || committed->rows.front().empty())
    co_return fail(Errc::kInvalid, "the server does not say what time it is");
  postgres::Statement create{.sql = kPoint, .parameters = {name}};
  const Result<postgres::Rows> made = co_await connection->query(std::move(create));
  if (!made) co_return fail(made.error());
  postgres::Statement change{.sql = kSwitch};
  const Result<postgres::Rows> switched = co_await connection->query(std::move(change));
  if (!switched) co_return fail(switched.error());
  Result<fsm::RestorePoint> point =
      restore_point_in(made->rows.empty() ? postgres::Row() : made->rows.front());
  if (!point) co_return point;
  point->name = std::move(name);
  point->time = committed->rows.front().front().value_or("");
  co_return point;
}

}  // namespace

boost::asio::awaitable<Answer<ActionResult>> run(fsm::MakeRestorePoint intent,
                                                 ClusterIdentity cluster, ActionContext context) {
  Answer<SqlSession> session = co_await connect_to(server_of(intent, cluster), context);
  if (!session) co_return k8s::refuse(std::move(session).error());
  Result<fsm::RestorePoint> point =
      co_await make_point(&session->connection, std::move(intent.name));
  if (!point) co_return to_action_error(with_forward_error(session->endpoint, point.error()));
  ActionResult done;
  done.restore_point = *std::move(point);
  co_return done;
}

}  // namespace annals::actions
