#include "actions/switch_over.h"

#include <algorithm>
#include <utility>

#include "actions/patroni_login.h"
#include "base/concat.h"

namespace annals::actions {
namespace {

// Who leads now; empty for nobody.
std::string leader_of(const postgres::PatroniCluster& cluster) {
  const auto leader = std::ranges::find_if(cluster.members, [](const auto& member) {
    return member.role == postgres::PatroniRole::kPrimary ||
           member.role == postgres::PatroniRole::kStandbyLeader;
  });
  return leader == cluster.members.end() ? std::string() : leader->name;
}

}  // namespace

boost::asio::awaitable<Answer<ActionResult>> run(fsm::SwitchOver intent, ClusterIdentity cluster,
                                                 ActionContext context) {
  Answer<PatroniSession> patroni = co_await patroni_at(
      std::move(intent.host), std::move(intent.authority_secret), cluster, context);
  if (!patroni) co_return k8s::refuse(std::move(patroni).error());
  // It may have happened before, in a process whose end kept us from hearing of it.
  const Result<postgres::PatroniCluster> seen = co_await patroni->api.cluster();
  if (!seen) co_return to_action_error(with_forward_error(patroni->endpoint, seen.error()));
  const std::string leader = leader_of(*seen);
  if (leader == intent.candidate) co_return ActionResult{};
  if (!leader.empty() && leader != intent.leader) {
    co_return k8s::refuse(k8s::Trouble::kNotSent,
                          concat("pod ", leader, " is the primary, not ", intent.leader));
  }
  const Result<void> done = intent.forced
                                ? co_await patroni->api.failover(intent.candidate)
                                : co_await patroni->api.switchover(intent.leader, intent.candidate);
  if (!done) co_return to_action_error(with_forward_error(patroni->endpoint, done.error()));
  co_return ActionResult{};
}

}  // namespace annals::actions
