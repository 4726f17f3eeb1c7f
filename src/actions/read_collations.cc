#include "actions/read_collations.h"

#include <charconv>
#include <utility>
#include <vector>

#include "actions/sql_login.h"
#include "base/printable.h"
#include "postgres/sql/collation_sql.h"

namespace annals::actions {
namespace {

// Two names of 63 bytes, in quotes that are doubled at worst.
constexpr std::size_t kCollationTextMax = 264;
constexpr std::size_t kUnseenTextMax = 300;

constexpr std::size_t kDatabaseColumns = 4;
constexpr std::size_t kCollationColumns = 4;
constexpr std::size_t kIndexColumns = 2;

// Owners of databases choose the path that their sessions begin with, and what it finds would run
// as the superuser.
constexpr const char* kEmptyPath = "SELECT pg_catalog.set_config('search_path', '', false)";
constexpr const char* kServerVersion = "SELECT pg_catalog.current_setting('server_version_num')";

struct DatabaseToAsk {
  std::string name;
  fsm::DifferingDatabase seen;
};

// 0 where it is no number.
std::int64_t collation_number(const std::optional<std::string>& text) {
  std::int64_t number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

std::string collation_text(const std::optional<std::string>& text) {
  return printable(text.value_or(""), kCollationTextMax);
}

boost::asio::awaitable<Result<postgres::Rows>> ask_for(postgres::Connection* connection,
                                                       postgres::Statement question,
                                                       std::size_t columns) {
  Result<postgres::Rows> answer = co_await connection->query(std::move(question));
  if (answer && answer->columns.size() != columns)
    co_return fail(Errc::kInvalid, "the server answers something else than was asked");
  co_return answer;
}

boost::asio::awaitable<Result<std::int64_t>> server_version(postgres::Connection* connection) {
  postgres::Statement question{.sql = kServerVersion};
  const Result<postgres::Rows> answer = co_await ask_for(connection, std::move(question), 1);
  if (!answer) co_return fail(answer.error());
  co_return answer->rows.empty() ? 0 : collation_number(answer->rows.front().front());
}

boost::asio::awaitable<Result<std::vector<DatabaseToAsk>>> databases_to_ask(
    postgres::Connection* connection, std::int64_t version) {
  postgres::Statement question = postgres::database_collations(version);
  const Result<postgres::Rows> answer =
      co_await ask_for(connection, std::move(question), kDatabaseColumns);
  if (!answer) co_return fail(answer.error());
  std::vector<DatabaseToAsk> databases;
  for (const postgres::Row& row : answer->rows) {
    DatabaseToAsk& database = databases.emplace_back();
    database.name = row[0].value_or("");
    database.seen.name = collation_text(row[1]);
    if (!row[2] || !row[3] || *row[2] == *row[3]) continue;
    database.seen.recorded = collation_text(row[2]);
    database.seen.actual = collation_text(row[3]);
  }
  co_return databases;
}

void take_collations(fsm::DifferingDatabase& seen, const postgres::Rows& answer) {
  for (const postgres::Row& row : answer.rows) {
    seen.collations.push_back({.name = collation_text(row[0]),
                               .recorded = collation_text(row[1]),
                               .actual = collation_text(row[2])});
    seen.collation_count = collation_number(row[3]);
  }
}

void take_indexes(fsm::DifferingDatabase& seen, const postgres::Rows& answer) {
  for (const postgres::Row& row : answer.rows) {
    seen.indexes.push_back(collation_text(row[0]));
    seen.index_count = collation_number(row[1]);
  }
}

boost::asio::awaitable<Result<void>> look_for_collations(postgres::Connection* connection,
                                                         std::int64_t version,
                                                         fsm::DifferingDatabase* seen) {
  postgres::Statement path{.sql = kEmptyPath};
  const Result<postgres::Rows> set = co_await ask_for(connection, std::move(path), 1);
  if (!set) co_return fail(set.error());
  postgres::Statement question = postgres::differing_collations(fsm::kCollationNamesMax);
  const Result<postgres::Rows> collations =
      co_await ask_for(connection, std::move(question), kCollationColumns);
  if (!collations) co_return fail(collations.error());
  take_collations(*seen, *collations);
  const bool own_differs = !seen->recorded.empty();
  if (!own_differs && seen->collations.empty()) co_return Result<void>();
  postgres::Statement more =
      postgres::indexes_to_rebuild(own_differs, version, fsm::kCollationNamesMax);
  const Result<postgres::Rows> indexes =
      co_await ask_for(connection, std::move(more), kIndexColumns);
  if (!indexes) co_return fail(indexes.error());
  take_indexes(*seen, *indexes);
  co_return Result<void>();
}

// Where the whole server cannot be reached any more, what it has not told yet would be guessed.
bool is_of_the_server(const Error& error, bool is_connected) {
  return error.code == Errc::kUnavailable || (error.code == Errc::kTimeout && !is_connected);
}

boost::asio::awaitable<Result<void>> ask_one_database(const SqlSession* session,
                                                      std::int64_t version, DatabaseToAsk* database,
                                                      fsm::DifferingCollations* found) {
  std::string name = database->name;
  Result<postgres::Connection> connection = co_await connect_beside(session, std::move(name));
  const bool is_connected = connection.has_value();
  Result<void> done;
  if (is_connected) {
    done = co_await look_for_collations(&*connection, version, &database->seen);
  } else {
    done = fail(connection.error());
    if (connection.error().code == Errc::kNotFound) co_return Result<void>();  // dropped meanwhile
  }
  if (!done && is_of_the_server(done.error(), is_connected)) co_return done;
  fsm::DifferingDatabase& seen = database->seen;
  const bool differs = !seen.recorded.empty() || !seen.collations.empty();
  const bool is_named = differs && found->databases.size() < fsm::kCollationNamesMax;
  if (!done && (is_named || found->unseen.size() < fsm::kCollationNamesMax))
    found->unseen[seen.name] = printable(to_string(done.error()), kUnseenTextMax);
  if (differs) found->database_count += 1;
  if (is_named) found->databases.push_back(seen);
  co_return Result<void>();
}

boost::asio::awaitable<Result<fsm::DifferingCollations>> ask_all_databases(SqlSession* session) {
  postgres::Statement path{.sql = kEmptyPath};
  const Result<postgres::Rows> set = co_await ask_for(&session->connection, std::move(path), 1);
  if (!set) co_return fail(set.error());
  const Result<std::int64_t> version = co_await server_version(&session->connection);
  if (!version) co_return fail(version.error());
  Result<std::vector<DatabaseToAsk>> databases =
      co_await databases_to_ask(&session->connection, *version);
  if (!databases) co_return fail(databases.error());
  fsm::DifferingCollations found;
  for (DatabaseToAsk& database : *databases) {
    const Result<void> done = co_await ask_one_database(session, *version, &database, &found);
    if (!done) co_return fail(done.error());
  }
  co_return found;
}

}  // namespace

boost::asio::awaitable<Answer<ActionResult>> run(fsm::ReadCollations intent,
                                                 ClusterIdentity cluster, ActionContext context) {
  Answer<SqlSession> session = co_await connect_to(server_of(intent, cluster), context);
  if (!session) co_return k8s::refuse(std::move(session).error());
  Result<fsm::DifferingCollations> found = co_await ask_all_databases(&*session);
  if (!found) co_return to_action_error(with_forward_error(session->endpoint, found.error()));
  ActionResult done;
  done.collations = *std::move(found);
  co_return done;
}

}  // namespace annals::actions
