#include "actions/ask_patroni.h"

#include <utility>

#include "actions/patroni_login.h"
#include "base/concat.h"

namespace annals::actions {
namespace {

const char* word_of(postgres::PatroniRole role) {
  switch (role) {
    case postgres::PatroniRole::kPrimary:
      return "leader";
    case postgres::PatroniRole::kReplica:
      return "replica";
    case postgres::PatroniRole::kSyncStandby:
      return "sync_standby";
    case postgres::PatroniRole::kStandbyLeader:
      return "standby_leader";
    case postgres::PatroniRole::kUnknown:
      break;
  }
  return "unknown";
}

// "replica streaming 0"; the machines read it again.
std::string text_of(const postgres::PatroniMember& member) {
  return concat(word_of(member.role), " ", member.state, " ",
                member.lag_bytes ? concat(*member.lag_bytes) : std::string("-"));
}

}  // namespace

boost::asio::awaitable<Answer<ActionResult>> run(fsm::AskPatroni intent, ClusterIdentity cluster,
                                                 ActionContext context) {
  Answer<PatroniSession> patroni = co_await patroni_at(
      std::move(intent.host), std::move(intent.authority_secret), cluster, context);
  if (!patroni) co_return k8s::refuse(std::move(patroni).error());
  const Result<postgres::PatroniCluster> seen = co_await patroni->api.cluster();
  if (!seen) co_return to_action_error(with_forward_error(patroni->endpoint, seen.error()));
  ActionResult written;
  for (const postgres::PatroniMember& member : seen->members)
    written.members[member.name] = text_of(member);
  co_return written;
}

}  // namespace annals::actions
