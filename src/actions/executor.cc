#include "actions/executor.h"

#include <utility>

#include "actions/apply_object.h"
#include "actions/ask_patroni.h"
#include "actions/check_archived.h"
#include "actions/checkpoint.h"
#include "actions/configure_patroni.h"
#include "actions/delete_object.h"
#include "actions/emit_event.h"
#include "actions/ensure_secret.h"
#include "actions/keep_claim.h"
#include "actions/make_restore_point.h"
#include "actions/read_archiver.h"
#include "actions/read_collations.h"
#include "actions/read_repository.h"
#include "actions/read_source.h"
#include "actions/read_standby.h"
#include "actions/read_volumes.h"
#include "actions/restart_postgres.h"
#include "actions/run_init_sql.h"
#include "actions/run_sql.h"
#include "actions/set_finalizer.h"
#include "actions/switch_over.h"
#include "actions/withdraw_receipt.h"
#include "actions/write_configuration.h"

namespace annals::actions {
namespace {

fsm::Outcome outcome_of(fsm::IntentId id, Answer<ActionResult> answer) {
  fsm::Outcome outcome;
  outcome.intent = id;
  if (answer) {
    outcome.status = fsm::OutcomeStatus::kDone;
    outcome.uid = std::move(answer->uid);
    outcome.version = answer->version;
    outcome.digest = std::move(answer->digest);
    outcome.fields = std::move(answer->fields);
    outcome.members = std::move(answer->members);
    outcome.contents = std::move(answer->contents);
    outcome.restore_point = std::move(answer->restore_point);
    outcome.archive = std::move(answer->archive);
    outcome.source = std::move(answer->source);
    outcome.volumes = std::move(answer->volumes);
    outcome.collations = std::move(answer->collations);
    outcome.archiver = std::move(answer->archiver);
    outcome.standby = std::move(answer->standby);
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

// New clusters are served one after the other, in the order in which they came: half of many that
// come at once then have their pods in half of the time.
k8s::Place place_of(fsm::Urgency urgency, const ClusterIdentity& cluster) {
  switch (urgency) {
    case fsm::Urgency::kUsual:
      return {};
    case fsm::Urgency::kFirstPod:
      return {k8s::Priority::kNormal, cluster.arrival};
    case fsm::Urgency::kLater:
      break;
  }
  return {k8s::Priority::kLater, cluster.arrival};
}

}  // namespace

boost::asio::awaitable<fsm::Outcome> Executor::run(fsm::Intent intent, ClusterIdentity cluster) {
  const ActionContext context{.client = client_,
                              .clock = clock_,
                              .resolver = resolver_,
                              .joint_writes = joint_writes_,
                              .recollection = recollection_,
                              .off_loop = off_loop_,
                              .place = place_of(intent.urgency, cluster)};
  boost::asio::awaitable<Answer<ActionResult>> work = std::visit(
      [&](auto& action) { return actions::run(std::move(action), std::move(cluster), context); },
      intent.action);
  Answer<ActionResult> answer = co_await std::move(work);
  co_return outcome_of(intent.id, std::move(answer));
}

}  // namespace annals::actions
