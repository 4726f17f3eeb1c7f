#include "postgres/sql/connection.h"

#include <utility>

#include "postgres/sql/session.h"

namespace annals::postgres {

namespace asio = boost::asio;

namespace {

// The names of the objects are ours, so nobody's search_path may stand between; verifiers stay out
// of logs (log_*) and of pg_stat_statements; a missing synchronous standby holds nothing up. Where
// the extension is not loaded, its setting is a mere placeholder.
constexpr std::string_view kBeQuiet =
    "SELECT pg_catalog.set_config(s.name, s.value, false) FROM (VALUES "
    "('search_path', ''), ('synchronous_commit', 'local'), ('standard_conforming_strings', 'on'), "
    "('lock_timeout', '10s'), ('log_statement', 'none'), ('log_min_error_statement', 'panic'), "
    "('log_min_duration_statement', '-1'), ('log_min_duration_sample', '-1'), "
    "('log_transaction_sample_rate', '0'), ('log_duration', 'off'), "
    "('pg_stat_statements.track', 'none')) AS s(name, value)";

}  // namespace

Connection::Connection(std::unique_ptr<Session> session) : session_(std::move(session)) {}
Connection::Connection() = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

std::string_view Connection::last_sqlstate() const {
  return session_ ? session_->last_sqlstate : std::string_view();
}
bool Connection::is_open() const { return session_ && session_->is_open(); }

asio::awaitable<Result<Connection>> Connection::connect(ConnectOptions options) {
  const std::string purpose =
      concat("connect to ", options.host, ':', options.port, " as ", options.user);
  Result<std::unique_ptr<Session>> session = co_await Session::open(std::move(options));
  if (!session) co_return fail(std::move(session).error().while_doing(purpose));
  co_return Connection(*std::move(session));
}

asio::awaitable<Result<Rows>> Connection::query(Statement statement) {
  if (!session_) co_return fail(Errc::kUnavailable, "not connected");
  SqlResult outcome =
      co_await session_->execute(Secret(std::move(statement.sql)), std::move(statement.parameters));
  if (!outcome) co_return fail(std::move(outcome).error().error);
  co_return *std::move(outcome);
}

asio::awaitable<Result<bool>> Connection::in_recovery() {
  Statement statement{"SELECT pg_catalog.pg_is_in_recovery()"};
  const Result<Rows> answer = co_await query(std::move(statement));
  if (!answer) co_return fail(answer.error().while_doing("query pg_is_in_recovery()"));
  co_return answer->rows.at(0).at(0) == "t";
}

asio::awaitable<Result<void>> Connection::be_quiet() {
  if (session_ && session_->quiet) co_return Result<void>{};
  Statement statement{std::string(kBeQuiet)};
  const Result<Rows> set = co_await query(std::move(statement));
  if (!set) co_return fail(set.error().while_doing("keep statements out of the logs"));
  session_->quiet = true;
  co_return Result<void>{};
}

asio::awaitable<Result<bool>> Connection::run_step(const SqlStep* step) {
  if (step->unless) {
    Statement question = *step->unless;
    const Result<Rows> answer = co_await query(std::move(question));
    if (!answer) co_return fail(answer.error());
    if (!answer->rows.empty()) co_return false;
  }
  Secret sql = step->sql;
  std::vector<std::optional<std::string>> none;
  SqlResult outcome = co_await session_->execute(std::move(sql), std::move(none));
  if (outcome) co_return true;
  const SqlError& problem = outcome.error();
  if (!problem.sqlstate.empty() && problem.sqlstate == step->settled_by) co_return false;
  if (step->confidential && !problem.sqlstate.empty()) {
    co_return fail(problem.error.code, "SQLSTATE ", problem.sqlstate);
  }
  co_return fail(problem.error);
}

asio::awaitable<Result<SqlReport>> Connection::run_steps(const std::vector<SqlStep>* steps) {
  SqlReport report;
  for (const SqlStep& step : *steps) {
    const Result<bool> done = co_await run_step(&step);
    if (!done) co_return fail(done.error().while_doing(step.purpose));
    if (*done) report.done.push_back(step.purpose);
  }
  co_return report;
}

asio::awaitable<Result<SqlReport>> Connection::run(SqlSet set) {
  if (set.steps.empty()) co_return SqlReport{};
  const Result<void> quiet = co_await be_quiet();
  if (!quiet) co_return fail(quiet.error().while_doing(set.purpose));
  if (set.atomic) {
    Statement statement{"BEGIN"};
    const Result<Rows> begun = co_await query(std::move(statement));
    if (!begun) co_return fail(begun.error().while_doing(set.purpose));
  }
  const std::vector<SqlStep>* steps = &set.steps;
  Result<SqlReport> report = co_await run_steps(steps);
  if (!set.atomic) {
    if (!report) co_return fail(std::move(report).error().while_doing(set.purpose));
    co_return report;
  }
  if (!report) {
    // Whether or not this works, nothing of the set remains: at worst the session ends without a
    // COMMIT.
    const std::string sqlstate = session_->last_sqlstate;
    Statement statement{"ROLLBACK"};
    [[maybe_unused]] const Result<Rows> undone = co_await query(std::move(statement));
    session_->last_sqlstate = sqlstate;
    co_return fail(std::move(report).error().while_doing(set.purpose));
  }
  Statement statement{"COMMIT"};
  const Result<Rows> committed = co_await query(std::move(statement));
  if (!committed) co_return fail(committed.error().while_doing(set.purpose));
  co_return report;
}

}  // namespace annals::postgres
