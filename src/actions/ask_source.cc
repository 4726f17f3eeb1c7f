#include "actions/ask_source.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/concat.h"
#include "base/printable.h"
#include "k8s/pods/exec.h"
#include "lens/claim.h"

namespace annals::actions {
namespace {

using namespace std::chrono_literals;

// A name may have several addresses, and each has psql's own limit.
constexpr auto kSourceTimeout = 20s;
constexpr std::size_t kSourceBytesMax = 8192;
constexpr std::size_t kTroubleMax = 300;
constexpr const char* kIdentify = "IDENTIFY_SYSTEM";

std::string quoted(const std::string& value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "'";
}

// As Patroni itself logs in there; `replication` of libpq's, or empty.
std::string conninfo_for(const AskedSource& asked, const std::string& host,
                         const std::string& replication) {
  const std::string& folder = asked.question.certificates;
  return concat("host=", quoted(host), " port=", asked.address.port,
                " dbname=postgres user=", quoted(asked.question.user), replication,
                " sslmode=verify-ca sslcert=", quoted(folder + "/tls.crt"),
                " sslkey=", quoted(folder + "/tls.key"),
                " sslrootcert=", quoted(folder + "/ca.crt"),
                " connect_timeout=4 application_name=annals options='-c statement_timeout=5s'");
}

k8s::PodCommand psql_at(const AskedSource& asked, const std::string& host,
                        const std::vector<std::string>& commands,
                        const std::string& replication = {}) {
  std::vector<std::string> words{"env",
                                 "LC_ALL=C",
                                 "psql",
                                 "--no-psqlrc",
                                 "--no-password",
                                 "--tuples-only",
                                 "--no-align",
                                 "--field-separator=|",
                                 "--set=ON_ERROR_STOP=1"};
  for (const std::string& command : commands) words.push_back(concat("--command=", command));
  words.push_back(concat("--dbname=", conninfo_for(asked, host, replication)));
  return {.pod = asked.pod,
          .container = asked.container,
          .command = std::move(words),
          .input = std::nullopt,
          .timeout = kSourceTimeout,
          .output_bytes_max = kSourceBytesMax};
}

// A connection of replication answers both: SQL, and on which timeline the server is by now.
k8s::PodCommand source_command(const AskedSource& asked, const std::string& host) {
  std::vector<std::string> commands{std::string(lens::source_question())};
  if (!asked.identifies) return psql_at(asked, host, commands);
  commands.emplace_back(kIdentify);
  return psql_at(asked, host, commands, " replication=database");
}

fsm::SourceAnswer answer_of(const Answer<k8s::PodCommandResult>& ended,
                            const lens::OwnServer& own) {
  if (!ended)
    return {.state = fsm::SourceState::kUnreadable,
            .words = printable(to_string(ended.error()), kTroubleMax)};
  if (ended->exit.code == 0) return lens::read_source(ended->output, own);
  return lens::read_source_error(ended->error_output.empty() ? ended->exit.message
                                                             : ended->error_output);
}

// A server that may not be asked for its files does not say.
boost::asio::awaitable<std::string> lost_segment(const AskedSource& asked, const std::string& host,
                                                 ActionContext context) {
  k8s::PodCommand command =
      psql_at(asked, host, {lens::lost_segment_question(asked.lsn, asked.timeline)});
  const Answer<k8s::PodCommandResult> ended =
      co_await k8s::run_in_pod(&context.client, std::move(command));
  if (!ended || ended->exit.code != 0) co_return std::string();
  co_return lens::read_lost_segment(ended->output);
}

// Who may ask for SQL may have no right to replicate, or find no connection free. Empty: it may.
boost::asio::awaitable<std::string> lock_of_replication(const AskedSource& asked,
                                                        const std::string& host,
                                                        ActionContext context) {
  k8s::PodCommand command = psql_at(asked, host, {kIdentify}, " replication=true");
  const Answer<k8s::PodCommandResult> ended =
      co_await k8s::run_in_pod(&context.client, std::move(command));
  if (!ended || ended->exit.code == 0) co_return std::string();
  co_return lens::read_source_error(ended->error_output).words;
}

// A server that no operator runs may not let its files be looked at: it has no claim.
boost::asio::awaitable<bool> has_claim(const AskedSource& asked, const std::string& host,
                                       ActionContext context) {
  k8s::PodCommand command = psql_at(asked, host, {concat("SELECT ", lens::claim_question())});
  const Answer<k8s::PodCommandResult> ended =
      co_await k8s::run_in_pod(&context.client, std::move(command));
  co_return ended && ended->exit.code == 0 && lens::read_claim(ended->output);
}

bool has_answered(const fsm::SourceAnswer& answer) {
  return answer.state == fsm::SourceState::kFollows ||
         answer.state == fsm::SourceState::kFollowsUs ||
         answer.state == fsm::SourceState::kRecovers;
}

}  // namespace

boost::asio::awaitable<fsm::SourceAnswer> ask_source(AskedSource asked, ActionContext context) {
  fsm::SourceAnswer best;
  for (const std::string& host : asked.address.hosts) {
    k8s::PodCommand command = source_command(asked, host);
    const Answer<k8s::PodCommandResult> ended =
        co_await k8s::run_in_pod(&context.client, std::move(command));
    fsm::SourceAnswer answer = answer_of(ended, asked.own);
    answer.host = concat(host, ":", asked.address.port);
    const bool may_have_wal = answer.state == fsm::SourceState::kWrites || has_answered(answer);
    if (asked.question.looks_for_wal && may_have_wal) {
      if (asked.lsn != 0) answer.lost = co_await lost_segment(asked, host, context);
      answer.words = co_await lock_of_replication(asked, host, context);
    }
    if (answer.state == fsm::SourceState::kWrites) co_return answer;
    if (asked.asks_claim && has_answered(answer))
      answer.claims = co_await has_claim(asked, host, context);
    if (answer.claims && !best.claims) best = answer;
    if (best.state == fsm::SourceState::kNotAsked || (has_answered(answer) && !has_answered(best)))
      best = std::move(answer);
  }
  co_return best;
}

}  // namespace annals::actions
