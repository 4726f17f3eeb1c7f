#include "actions/executor.h"

#include <utility>

#include "actions/apply_object.h"
#include "actions/ask_patroni.h"
#include "actions/checkpoint.h"
#include "actions/configure_patroni.h"
#include "actions/delete_object.h"
#include "actions/emit_event.h"
#include "actions/ensure_secret.h"
#include "actions/restart_postgres.h"
#include "actions/run_init_sql.h"
#include "actions/run_sql.h"
#include "actions/set_finalizer.h"
#include "actions/switch_over.h"

namespace annals::actions {
namespace {

fsm::Outcome outcome_of(fsm::IntentId id, Answer<Written> answer) {
  fsm::Outcome outcome;
  outcome.intent = id;
  if (answer) {
    outcome.status = fsm::OutcomeStatus::kDone;
    outcome.uid = std::move(answer->uid);
    outcome.version = answer->version;
    outcome.digest = std::move(answer->digest);
    outcome.fields = std::move(answer->fields);
    return outcome;
  }
  outcome.status =
      answer.error().unknown_outcome() ? fsm::OutcomeStatus::kUnknown : fsm::OutcomeStatus::kFailed;
  outcome.detail = to_string(answer.error());
  if (answer.error().trouble != k8s::Trouble::kRefused) return outcome;
  outcome.code = answer.error().status;
  if (!answer.error().causes.empty()) outcome.field = answer.error().causes.front().field;
  return outcome;
}

}  // namespace

boost::asio::awaitable<fsm::Outcome> Executor::run(fsm::Intent intent, ClusterIdentity cluster) {
  const Means means{.client = client_, .clock = clock_, .reach = reach_, .turns = turns_};
  boost::asio::awaitable<Answer<Written>> work = std::visit(
      [&](auto& action) { return actions::run(std::move(action), std::move(cluster), means); },
      intent.action);
  Answer<Written> answer = co_await std::move(work);
  co_return outcome_of(intent.id, std::move(answer));
}

}  // namespace annals::actions
