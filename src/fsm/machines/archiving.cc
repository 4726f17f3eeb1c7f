#include "fsm/machines/archiving.h"

#include <chrono>
#include <string>
#include <utility>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/step/archiving_condition.h"
#include "fsm/step/events.h"
#include "fsm/step/repository_query.h"
#include "fsm/text/say.h"
#include "fsm/view/backup_request.h"
#include "fsm/view/database.h"
#include "fsm/view/rendering.h"
#include "fsm/view/restore_progress.h"
#include "manifests/labels.h"
#include "manifests/pgbackrest/pgbackrest_config.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

// Each look is a few records of the journal. PostgreSQL tries again every minute.
constexpr auto kBetweenLooksAtArchiver = 10min;
constexpr auto kBetweenLooksAtFailingArchiver = 1min;

constexpr const char* kArchivingFails = "ArchivingFails";

// Changes whenever a backup fails: archiving is what it may have waited for.
std::string backup_troubles(const ClusterState& state) {
  std::int64_t failures = state.backup.attempt;
  for (const ObjectObserved* job : jobs_of(state))
    failures += job->fields.job->failures.value_or(0);
  return failures == 0 ? std::string() : concat(failures);
}

Message reason_to_look_at_archiver(ClusterState& state, const PodObserved& pod) {
  if (!state.archiver) return say::archiver_not_read_yet();
  const ArchiverSeen& seen = *state.archiver;
  if (seen.pod != pod.uid) return say::another_pod_leads(pod.name);
  const std::string trouble = backup_troubles(state);
  if (!trouble.empty() && trouble != seen.trouble) return say::backup_has_failed();
  const std::string request = contents_request(state);
  if (!request.empty() && request != seen.request)
    return say::contents_requested(manifests::annotation::kPgBackRestInfo, request);
  const Duration pause = seen.its.failure ? Duration(kBetweenLooksAtFailingArchiver)
                                          : Duration(kBetweenLooksAtArchiver);
  const Timestamp next = seen.at + pause;
  if (next <= state.now || joins_other_looks(state, seen.at))
    return say::archiver_looked_at_again();
  requeue_at(state, next);
  return {};
}

ReadArchiver archiver_question(ClusterState& state, const PodObserved& pod) {
  const Rendered& all = rendered(state);
  const manifests::AsyncFiles files = manifests::async_files(all.cluster);
  ReadArchiver question{.digest = {},
                        .host = all.sql.host,
                        .port = all.sql.port,
                        .authority_secret = all.sql.authority_secret,
                        .server = all.sql.server,
                        .spool = files.spool,
                        .log = files.log,
                        .pod = pod.uid,
                        .trouble = backup_troubles(state),
                        .request = contents_request(state)};
  question.digest =
      sha256_hex(concat(question.host, ":", question.port, "\n", question.spool, "\n", question.log,
                        "\n", question.pod, "\n", question.trouble, "\n", question.request));
  return question;
}

void tell_of_failure(StepBuilder& builder) {
  const std::optional<Message> failure = archive_failure(builder.state());
  if (!failure) return clear_event(builder.state(), kArchivingFails);
  report_event(builder, EventType::kWarning, kArchivingFails, *failure);
}

}  // namespace

void decide_archiving(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (rendered(state).repositories.empty()) {
    state.archiver.reset();
    return clear_event(state, kArchivingFails);
  }
  tell_of_failure(builder);
  const PodObserved* pod = primary(state);
  // Before there is a stanza nothing can be archived.
  if (pod == nullptr || state.backup.phase == BackupPhase::kStanza) return;
  if (!is_open(state) || is_restoring(state)) return;
  if (is_pending(state, kArchiverTarget) || is_waiting_to_retry(state, kArchiverTarget)) return;
  const Message reason = reason_to_look_at_archiver(state, *pod);
  if (reason.empty()) return;
  builder.decide({.machine = "archiving",
                  .transition = "read-archiver",
                  .reason = say::reading_archiver(reason),
                  .inputs = {{.name = "primary-is-ready", .value = pod->name, .holds = true}},
                  .intents = {}},
                 {archiver_question(state, *pod)});
}

}  // namespace annals::fsm
