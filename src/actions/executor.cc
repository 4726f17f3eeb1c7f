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
  return outcome;
}

}  // namespace

boost::asio::awaitable<fsm::Outcome> Executor::run(fsm::Intent intent, ClusterIdentity cluster) {
  Answer<Written> answer = k8s::refuse(k8s::Trouble::kNotSent, "no such action");
  if (auto* object = std::get_if<fsm::ApplyObject>(&intent.action)) {
    answer = co_await actions::run(std::move(*object), client_);
  } else if (auto* secret = std::get_if<fsm::EnsureSecret>(&intent.action)) {
    answer = co_await actions::run(std::move(*secret), std::move(cluster), client_, clock_, turns_);
  } else if (auto* sql = std::get_if<fsm::RunSql>(&intent.action)) {
    answer = co_await actions::run(std::move(*sql), std::move(cluster), client_, clock_);
  } else if (auto* status = std::get_if<fsm::PatchStatus>(&intent.action)) {
    answer = co_await actions::run(std::move(*status), std::move(cluster), client_);
  } else if (auto* deletion = std::get_if<fsm::DeleteObject>(&intent.action)) {
    answer = co_await actions::run(std::move(*deletion), std::move(cluster), client_);
  } else if (auto* finalizer = std::get_if<fsm::SetFinalizer>(&intent.action)) {
    answer = co_await actions::run(std::move(*finalizer), client_);
  } else if (auto* patroni = std::get_if<fsm::ConfigurePatroni>(&intent.action)) {
    answer = co_await actions::run(std::move(*patroni), std::move(cluster), client_, clock_);
  } else if (auto* question = std::get_if<fsm::AskPatroni>(&intent.action)) {
    answer = co_await actions::run(std::move(*question), std::move(cluster), client_, clock_);
  } else if (auto* switchover = std::get_if<fsm::SwitchOver>(&intent.action)) {
    answer = co_await actions::run(std::move(*switchover), std::move(cluster), client_, clock_);
  } else if (auto* restart = std::get_if<fsm::RestartPostgres>(&intent.action)) {
    answer = co_await actions::run(std::move(*restart), std::move(cluster), client_, clock_);
  } else if (auto* checkpoint = std::get_if<fsm::Checkpoint>(&intent.action)) {
    answer = co_await actions::run(std::move(*checkpoint), std::move(cluster), client_, clock_);
  } else if (auto* script = std::get_if<fsm::RunInitSql>(&intent.action)) {
    answer = co_await actions::run(std::move(*script), std::move(cluster), client_);
  } else if (auto* event = std::get_if<fsm::EmitEvent>(&intent.action)) {
    answer = co_await actions::run(std::move(*event), std::move(cluster), client_);
  }
  co_return outcome_of(intent.id, std::move(answer));
}

}  // namespace annals::actions
