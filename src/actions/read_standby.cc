#include "actions/read_standby.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "actions/ask_source.h"
#include "actions/read_receipt.h"
#include "actions/sql_login.h"
#include "base/concat.h"
#include "base/printable.h"
#include "k8s/pods/exec.h"
#include "lens/claim.h"
#include "lens/source_answer.h"

namespace annals::actions {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kNameMax = 253;
constexpr auto kVolumeTimeout = 10s;
constexpr std::size_t kVolumeBytesMax = 16384;

// Owners of databases choose the path that sessions begin with, so every name has its schema.
// Positions and times are numbers here, so that no setting of the server's changes their form.
// Without a receiver the control file is behind until the next checkpoint; segments are there when
// they have begun to come.
constexpr std::string_view kStandby =
    "SELECT pg_catalog.pg_is_in_recovery(), s.system_identifier, "
    "greatest(r.received_tli, c.timeline_id, y.min_recovery_end_timeline, "
    "(SELECT pg_catalog.max(('x' || pg_catalog.substr(w.name, 1, 8))::bit(32)::bigint) "
    "FROM pg_catalog.pg_ls_waldir() AS w WHERE w.name ~ '^[0-9A-F]{24}$')), "
    "pg_catalog.pg_last_wal_receive_lsn() - '0/0'::pg_catalog.pg_lsn, "
    "pg_catalog.pg_last_wal_replay_lsn() - '0/0'::pg_catalog.pg_lsn, "
    "CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_is_wal_replay_paused() END, "
    "(pg_catalog.date_part('epoch', pg_catalog.pg_last_xact_replay_timestamp()) * "
    "1000000)::bigint, "
    "r.status, r.sender_host, r.sender_port, "
    "(pg_catalog.date_part('epoch', r.last_msg_receipt_time) * 1000000)::bigint, "
    "r.latest_end_lsn - '0/0'::pg_catalog.pg_lsn, "
    "pg_catalog.current_setting('primary_conninfo', true), "
    "(pg_catalog.date_part('epoch', pg_catalog.pg_postmaster_start_time()) * 1000000)::bigint, "
    "(SELECT pg_catalog.string_agg(pg_catalog.host(t.client_addr) || ' ' || t.application_name, "
    "E'\\n') FROM pg_catalog.pg_stat_replication AS t WHERE t.state = 'streaming')";
constexpr std::string_view kFromServer =
    " FROM pg_catalog.pg_control_system() AS s CROSS JOIN pg_catalog.pg_control_checkpoint() AS c "
    "CROSS JOIN pg_catalog.pg_control_recovery() AS y "
    "LEFT JOIN pg_catalog.pg_stat_wal_receiver AS r ON true";

enum Column : std::size_t {
  kInRecovery,
  kSystemId,
  kTimeline,
  kReceived,
  kReplayed,
  kPaused,
  kLastTransaction,
  kStatus,
  kSenderHost,
  kSenderPort,
  kHeardAt,
  kSent,
  kConninfo,
  kStarted,
  kFollowers,
  kClaims,
  kClaimPlace,
  kColumns
};

template <class Number>
Number standby_number(const std::optional<std::string>& text) {
  Number number = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

std::optional<Timestamp> standby_time(const std::optional<std::string>& microseconds) {
  if (!microseconds) return std::nullopt;
  return Timestamp(std::chrono::microseconds(standby_number<std::int64_t>(microseconds)));
}

lens::SourceAddress address_of(const fsm::SourceQuestion& asked, const std::string& conninfo) {
  if (asked.host.empty()) return lens::read_conninfo(conninfo);
  return lens::read_conninfo(concat("host=", asked.host, " port=", asked.port));
}

std::optional<fsm::WalReceiver> receiver_in(const postgres::Row& row) {
  if (!row[kStatus]) return std::nullopt;
  return fsm::WalReceiver{.status = printable(*row[kStatus], kNameMax),
                          .host = printable(row[kSenderHost].value_or(""), kNameMax),
                          .port = standby_number<std::int64_t>(row[kSenderPort]),
                          .heard_at = standby_time(row[kHeardAt]),
                          .sent_lsn = standby_number<std::uint64_t>(row[kSent])};
}

fsm::StandbyAnswer standby_in(const postgres::Row& row, Timestamp now) {
  return {.at = now,
          .in_recovery = row[kInRecovery] == "t",
          .system_id = row[kSystemId].value_or(""),
          .timeline = standby_number<std::int64_t>(row[kTimeline]),
          .received_lsn = standby_number<std::uint64_t>(row[kReceived]),
          .replayed_lsn = standby_number<std::uint64_t>(row[kReplayed]),
          .is_replay_paused = row[kPaused] == "t",
          .last_transaction = standby_time(row[kLastTransaction]),
          .receiver = receiver_in(row)};
}

// Only who is in recovery waits for its promotion. Whether it has a claim by now.
boost::asio::awaitable<Result<bool>> claim_as_asked(const fsm::ReadStandby& intent,
                                                    const postgres::Row& row,
                                                    postgres::Connection& connection) {
  const bool claims = row[kClaims] == "t";
  const bool wanted =
      intent.claim == fsm::Claim::kLeave ? claims : intent.claim == fsm::Claim::kMake;
  const bool is_to_claim = wanted && row[kInRecovery] == "t";
  if (is_to_claim == claims) co_return is_to_claim;
  postgres::Statement statement{
      .sql = lens::claim_statement(row[kClaimPlace].value_or(""), is_to_claim)};
  const Result<postgres::Rows> ended = co_await connection.query(std::move(statement));
  if (!ended) co_return std::unexpected(ended.error());
  co_return is_to_claim;
}

// Of a cluster that nobody leads: the server may not run.
boost::asio::awaitable<Answer<ActionResult>> read_volume(fsm::ReadStandby intent,
                                                         k8s::ObjectName pod,
                                                         ActionContext context) {
  k8s::PodCommand command{.pod = pod,
                          .container = intent.container,
                          .command = lens::volume_question(),
                          .input = std::nullopt,
                          .timeout = kVolumeTimeout,
                          .output_bytes_max = kVolumeBytesMax};
  const Answer<k8s::PodCommandResult> ended =
      co_await k8s::run_in_pod(&context.client, std::move(command));
  if (!ended) co_return k8s::refuse(ended.error());
  if (ended->exit.code != 0)
    co_return k8s::refuse(k8s::Trouble::kNotSent,
                          "pg_controldata: ", printable(ended->error_output, kNameMax));
  const Result<lens::OwnVolume> own = lens::read_control_data(ended->output);
  if (!own) co_return k8s::refuse(k8s::Trouble::kNotSent, own.error().detail);
  ActionResult done;
  fsm::StandbyAnswer& answer = done.standby.emplace(fsm::StandbyAnswer{
      .at = context.clock.now(), .system_id = own->system_id, .timeline = own->timeline});
  AskedSource asked{.pod = std::move(pod),
                    .container = intent.container,
                    .question = intent.source,
                    .address = address_of(intent.source, {}),
                    .own = {.system_id = own->system_id,
                            .started = {},
                            .addresses = own->addresses,
                            .timeline = own->timeline}};
  answer.source = co_await ask_source(std::move(asked), context);
  co_return done;
}

}  // namespace

boost::asio::awaitable<Answer<ActionResult>> run(fsm::ReadStandby intent, ClusterIdentity cluster,
                                                 ActionContext context) {
  const k8s::ObjectName pod{cluster.name_space, intent.pod};
  if (intent.volume_only) co_return co_await read_volume(std::move(intent), pod, context);
  Answer<SqlSession> session = co_await connect_to(server_of(intent, cluster), context);
  if (!session) co_return k8s::refuse(std::move(session).error());
  postgres::Statement question{.sql = concat(kStandby, ", ", lens::claim_question(), ", ",
                                             lens::claim_place(), kFromServer)};
  const Result<postgres::Rows> rows = co_await session->connection.query(std::move(question));
  if (!rows) co_return to_action_error(with_forward_error(session->endpoint, rows.error()));
  if (rows->rows.size() != 1 || rows->rows.front().size() != kColumns)
    co_return to_action_error(Error{Errc::kInvalid, "the server says nothing of its recovery"});
  const postgres::Row& row = rows->rows.front();
  ActionResult done;
  fsm::StandbyAnswer& answer = done.standby.emplace(standby_in(row, context.clock.now()));
  const Result<bool> claims = co_await claim_as_asked(intent, row, session->connection);
  if (!claims) co_return to_action_error(with_forward_error(session->endpoint, claims.error()));
  answer.claims = *claims;
  for (const std::string& repo : intent.repos) {
    AskedReceipt asked{pod, intent.container, repo, intent.receipt_file};
    fsm::ReceiptAnswer receipt = co_await read_receipt(std::move(asked), context);
    answer.receipts.push_back(std::move(receipt));
  }
  // Last, so that nothing is older than what it says. Of two that claim before they ask, at least
  // one sees the other's claim.
  if (!intent.source.user.empty()) {
    AskedSource asked{
        .pod = pod,
        .container = intent.container,
        .question = intent.source,
        .address = address_of(intent.source, row[kConninfo].value_or("")),
        .own = {answer.system_id, row[kStarted].value_or(""),
                lens::read_followers(row[kFollowers].value_or(""), intent.source.members)},
        .timeline = answer.timeline,
        .lsn = std::max(answer.received_lsn, answer.replayed_lsn),
        .asks_claim = !intent.promotion.empty(),
        .identifies = !intent.source.host.empty()};
    answer.source = co_await ask_source(std::move(asked), context);
  }
  co_return done;
}

}  // namespace annals::actions
