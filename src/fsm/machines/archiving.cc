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
#include "fsm/view/standing_look.h"
#include "manifests/labels.h"
#include "manifests/pgbackrest/pgbackrest_config.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;

// As often as PostgreSQL tries again. A look that finds nothing new is not recorded.
constexpr std::chrono::seconds kBetweenLooksAtArchiver = 1min;

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
  return {};
}

// A look stands, and asks the server as it is reached now.
bool is_archiver_looked_at(ClusterState& state) {
  const Action* look = standing_look(state, kArchiverTarget);
  if (look == nullptr) return false;
  const auto& its = std::get<ReadArchiver>(*look);
  const auto& sql = rendered(state).sql;
  return its.host == sql.host && its.port == sql.port &&
         its.authority_secret == sql.authority_secret && its.server == sql.server;
}

// Nothing while it is not due.
bool is_next_look_due(ClusterState& state) {
  if (is_archiver_looked_at(state)) return false;
  const ArchiverSeen& seen = *state.archiver;
  const Timestamp next = seen.at + kBetweenLooksAtArchiver;
  if (next <= state.now) return true;
  requeue_at(state, next);
  return false;
}

ReadArchiver archiver_question(ClusterState& state, const PodObserved& pod, std::int64_t every) {
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
                        .request = contents_request(state),
                        .known = state.archiver ? known_of(state.archiver->its) : std::string(),
                        .every = every};
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
    end_standing_look(state, kArchiverTarget);
    return clear_event(state, kArchivingFails);
  }
  tell_of_failure(builder);
  const PodObserved* pod = primary(state);
  // Before there is a stanza nothing can be archived.
  if (pod == nullptr || state.backup.phase == BackupPhase::kStanza) return;
  if (is_restoring(state)) return end_standing_look(state, kArchiverTarget);
  if (!is_open(state)) return;
  if (is_pending_once(state, kArchiverTarget) || is_waiting_to_retry(state, kArchiverTarget))
    return;
  Message reason = reason_to_look_at_archiver(state, *pod);
  std::int64_t every = 0;
  if (reason.empty()) {
    if (!is_next_look_due(state)) return;
    reason = say::archiver_looked_at_again();
    // That the last one has failed is over: that is news.
    every = state.retries.contains(kArchiverTarget) ? 0 : kBetweenLooksAtArchiver.count();
  }
  end_standing_look(state, kArchiverTarget);
  builder.decide({.machine = "archiving",
                  .transition = "read-archiver",
                  .reason = say::reading_archiver(reason),
                  .inputs = {{.name = "primary-is-ready", .value = pod->name, .holds = true}},
                  .intents = {}},
                 {archiver_question(state, *pod, every)});
}

}  // namespace annals::fsm
