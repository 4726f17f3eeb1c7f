#include "actions/read_archiver.h"

#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include "actions/sql_login.h"
#include "base/printable.h"
#include "lens/archiver.h"

namespace annals::actions {
namespace {

constexpr std::size_t kSegmentTextMax = 64;

// Owners of databases choose the path that sessions begin with, so every name has its schema.
// Without a row nothing was archived yet, and nothing failed.
constexpr const char* kArchiver =
    "SELECT a.failed_count, "
    "a.last_failed_time > coalesce(a.last_archived_time, '-infinity'), "
    "coalesce(a.last_failed_wal, ''), "
    "pg_catalog.date_part('epoch', a.last_failed_time)::bigint, "
    "pg_catalog.date_part('epoch', a.last_archived_time)::bigint, "
    "(SELECT count(*) FROM pg_catalog.pg_ls_dir('pg_wal/archive_status') AS f(name) "
    "WHERE f.name LIKE '%.ready') "
    "FROM pg_catalog.pg_stat_archiver AS a";
constexpr std::size_t kArchiverColumns = 6;

// Of the segment's own file, or of the one for all segments; the newer one. A file may go while it
// is asked for: then there is none.
constexpr const char* kSpoolError =
    "SELECT pg_catalog.pg_read_file($1::text || '/' || f.name, 0, 4096, true), true "
    "FROM (VALUES ($2::text || '.error'), ('global.error')) AS f(name), "
    "LATERAL pg_catalog.pg_stat_file($1::text || '/' || f.name, true) AS s "
    "WHERE s.modification >= pg_catalog.to_timestamp($3::bigint) - interval '2 minutes' "
    "ORDER BY s.modification DESC LIMIT 1";
constexpr const char* kLogEnd =
    "SELECT pg_catalog.pg_read_file($1::text, greatest(s.size - 16384, 0), 16384, true), "
    "s.modification >= pg_catalog.to_timestamp($2::bigint) - interval '2 minutes' "
    "FROM pg_catalog.pg_stat_file($1::text, true) AS s WHERE s.size IS NOT NULL";

std::int64_t archiver_number(const std::optional<std::string>& text) {
  std::int64_t number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

std::optional<Timestamp> archiver_time(const std::optional<std::string>& seconds) {
  if (!seconds) return std::nullopt;
  return Timestamp(std::chrono::seconds(archiver_number(seconds)));
}

Result<fsm::ArchiverAnswer> answer_in(const postgres::Rows& rows) {
  if (rows.rows.empty() || rows.rows.front().size() != kArchiverColumns)
    return fail(Errc::kInvalid, "the server says nothing of its archiver");
  const postgres::Row& row = rows.rows.front();
  fsm::ArchiverAnswer answer;
  answer.count = archiver_number(row[0]);
  answer.archived_at = archiver_time(row[4]);
  if (row[1] != "t") return answer;
  answer.failure = fsm::ArchiveFailure{.segment = printable(row[2].value_or(""), kSegmentTextMax),
                                       .at = archiver_time(row[3]).value_or(Timestamp()),
                                       .count = answer.count,
                                       .waiting = archiver_number(row[5])};
  return answer;
}

// What stands in a file; empty where there is none, or the server does not give it.
struct FileText {
  std::string text;
  bool is_fresh = false;  // the failure may be of its time
};

boost::asio::awaitable<FileText> text_of_file(postgres::Connection* connection,
                                              postgres::Statement question) {
  const Result<postgres::Rows> answer = co_await connection->query(std::move(question));
  if (!answer || answer->rows.empty() || answer->rows.front().size() != 2) co_return FileText();
  const postgres::Row& row = answer->rows.front();
  co_return FileText{.text = row[0].value_or(""), .is_fresh = row[1] == "t"};
}

std::string seconds_of(Timestamp time) {
  return std::to_string(
      std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

// The log has the version whether it fails or not.
boost::asio::awaitable<void> ask_for_words(postgres::Connection* connection,
                                           const fsm::ReadArchiver* intent,
                                           fsm::ArchiverAnswer* answer) {
  const Timestamp at = answer->failure ? answer->failure->at : Timestamp();
  postgres::Statement log{.sql = kLogEnd, .parameters = {intent->log, seconds_of(at)}};
  const FileText end = co_await text_of_file(connection, std::move(log));
  lens::ArchiverWords said = lens::read_archive_log(end.text);
  answer->version = std::move(said.version);
  if (!answer->failure) co_return;
  fsm::ArchiveFailure& failure = *answer->failure;
  postgres::Statement spool{.sql = kSpoolError,
                            .parameters = {intent->spool, failure.segment, seconds_of(at)}};
  const FileText error = co_await text_of_file(connection, std::move(spool));
  if (error.is_fresh) said = lens::read_spool_error(error.text);
  if (!error.is_fresh && !end.is_fresh) co_return;
  failure.code = said.code;
  failure.words = std::move(said.words);
}

}  // namespace

boost::asio::awaitable<Answer<ActionResult>> run(fsm::ReadArchiver intent, ClusterIdentity cluster,
                                                 ActionContext context) {
  Answer<SqlSession> session = co_await connect_to(server_of(intent, cluster), context);
  if (!session) co_return k8s::refuse(std::move(session).error());
  postgres::Statement question{.sql = kArchiver};
  const Result<postgres::Rows> rows = co_await session->connection.query(std::move(question));
  if (!rows) co_return to_action_error(with_forward_error(session->endpoint, rows.error()));
  Result<fsm::ArchiverAnswer> answer = answer_in(*rows);
  if (!answer) co_return to_action_error(answer.error());
  co_await ask_for_words(&session->connection, &intent, &*answer);
  ActionResult done;
  done.archiver = *std::move(answer);
  co_return done;
}

}  // namespace annals::actions
