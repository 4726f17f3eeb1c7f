#include "fsm/machines/archiver.h"

#include <chrono>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/step/repository_query.h"
#include "fsm/text/say.h"
#include "fsm/view/database.h"
#include "fsm/view/rendering.h"
#include "fsm/view/restore_progress.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

constexpr auto kBetweenLooksAtArchiver = 10min;
constexpr auto kWhileItFails = 1min;

// Empty where what was told last is enough.
Message reason_to_ask_archiver(ClusterState& state, const PodObserved& pod) {
  if (!state.archiver) return say::archiver_not_asked_yet();
  const ArchiverSeen& seen = *state.archiver;
  if (seen.pod != pod.uid) return say::another_pod_leads(pod.name);
  const Timestamp next =
      seen.at + (seen.state.is_failing() ? Duration(kWhileItFails) : kBetweenLooksAtArchiver);
  if (next <= state.now || joins_other_looks(state, seen.at)) return say::archiver_asked_again();
  requeue_at(state, next);
  return {};
}

}  // namespace

void decide_archiver(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (rendered(state).repositories.empty()) state.archiver.reset();
  if (state.backup.phase != BackupPhase::kDone || is_restoring(state)) return;
  const PodObserved* pod = primary(state);
  if (pod == nullptr || rendered(state).repositories.empty()) return;
  if (is_pending(state, kArchiverTarget) || is_waiting_to_retry(state, kArchiverTarget)) return;
  const Message reason = reason_to_ask_archiver(state, *pod);
  if (reason.empty()) return;
  const RunSql& sql = rendered(state).sql;
  ReadArchiver question{.digest = sha256_hex(concat(sql.host, ":", sql.port, "\n", pod->uid)),
                        .host = sql.host,
                        .port = sql.port,
                        .authority_secret = sql.authority_secret,
                        .server = sql.server,
                        .pod = pod->uid};
  builder.decide({.machine = "archiver",
                  .transition = "ask",
                  .reason = say::asking_archiver(reason),
                  .inputs = {{.name = "pod", .value = pod->name, .holds = true}},
                  .intents = {}},
                 {std::move(question)}, true);
}

}  // namespace annals::fsm
