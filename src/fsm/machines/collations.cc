#include "fsm/machines/collations.h"

#include <chrono>
#include <string>
#include <utility>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/step/events.h"
#include "fsm/text/say.h"
#include "fsm/view/collations.h"
#include "fsm/view/database.h"
#include "fsm/view/rendering.h"
#include "fsm/view/restore_progress.h"
#include "manifests/labels.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

// Indexes are rebuilt by people, in minutes or days.
constexpr auto kBetweenLooksAtCollations = 1h;

constexpr const char* kCollationsUnseen = "CollationCheckFailed";

// Once or twice happens while a primary comes up, or another one leads.
constexpr int kLooksBeforeItIsTold = 3;

std::string collations_request(ClusterState& state) {
  const auto& annotations = rendered(state).cluster.annotations;
  const auto request = annotations.find(manifests::annotation::kCheckCollations);
  return request == annotations.end() ? std::string() : request->second;
}

// A replica that became the primary may run another image; so does a pod that was made anew, over
// files of another cluster, of a backup, or of before an upgrade.
Message reason_to_look_at_collations(ClusterState& state, const PodObserved& pod) {
  if (!state.collations) return say::collations_not_read_yet();
  const CollationsSeen& seen = *state.collations;
  if (seen.pod != pod.uid) return say::another_pod_leads(pod.name);
  if (seen.sql != sql_digest(state)) return say::users_were_written();
  const std::string request = collations_request(state);
  if (!request.empty() && request != seen.request)
    return say::contents_requested(manifests::annotation::kCheckCollations, request);
  if (!is_any_collation_different(state)) return {};
  const Timestamp next = seen.at + kBetweenLooksAtCollations;
  if (next <= state.now) return say::collations_differed_before();
  requeue_at(state, next);
  return {};
}

std::vector<Message> unseen_databases(const ClusterState& state) {
  const auto retry = state.retries.find(kCollationsTarget);
  if (retry != state.retries.end() && retry->second.failures >= kLooksBeforeItIsTold)
    return {retry->second.error};
  std::vector<Message> unseen;
  if (!state.collations) return unseen;
  for (const auto& [database, error] : state.collations->found.unseen)
    unseen.push_back(say::database_unseen(database, error));
  return unseen;
}

void tell_of_unseen(StepBuilder& builder) {
  std::vector<Message> unseen = unseen_databases(builder.state());
  if (unseen.empty()) {
    if (!builder.state().retries.contains(kCollationsTarget))
      clear_event(builder.state(), kCollationsUnseen);
    return;
  }
  report_event(builder, EventType::kWarning, kCollationsUnseen,
               say::collations_unseen(std::move(unseen)));
}

ReadCollations collations_question(ClusterState& state, const PodObserved& pod) {
  const RunSql& sql = rendered(state).sql;
  ReadCollations question{.digest = {},
                          .host = sql.host,
                          .port = sql.port,
                          .authority_secret = sql.authority_secret,
                          .server = sql.server,
                          .pod = pod.uid,
                          .sql = sql_digest(state),
                          .request = collations_request(state)};
  question.digest = sha256_hex(concat(question.host, ":", question.port, "\n", question.pod, "\n",
                                      question.sql, "\n", question.request));
  return question;
}

}  // namespace

void decide_collations(StepBuilder& builder) {
  ClusterState& state = builder.state();
  tell_of_unseen(builder);
  const PodObserved* pod = primary(state);
  if (pod == nullptr || !is_open(state) || is_restoring(state)) return;
  if (is_pending(state, kCollationsTarget) || is_waiting_to_retry(state, kCollationsTarget)) return;
  const Message reason = reason_to_look_at_collations(state, *pod);
  if (reason.empty()) return;
  builder.decide({.machine = "collations",
                  .transition = "read-collations",
                  .reason = say::reading_collations(reason),
                  .inputs = {{.name = "primary-is-ready", .value = pod->name, .holds = true}},
                  .intents = {}},
                 {collations_question(state, *pod)});
}

}  // namespace annals::fsm
