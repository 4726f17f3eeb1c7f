// ClusterState: all that the machines of one cluster know. It is the fold of the cluster's stream
// and nothing else (I6): values only, ordered containers only, no pointer to anything that lives
// longer than a step, but for what is derived from the values and can be derived again.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fsm/model/archiver.h"
#include "fsm/model/backup_removal.h"
#include "fsm/model/counters.h"
#include "fsm/model/decision.h"
#include "fsm/model/drill.h"
#include "fsm/model/fact.h"
#include "fsm/model/intent.h"
#include "fsm/model/operation.h"
#include "fsm/model/shutdown_receipt.h"

namespace annals::fsm {

struct Rendered;        // rendering.h
class Renderings;       // renderings.h
struct RenderedStatus;  // status.cc

// What our last write of an object asked for, and the digest that an untouched object shows since.
struct Written {
  std::string asked;   // digest of the manifest or recipe
  std::string result;  // digest of the owned fields after it

  friend bool operator==(const Written&, const Written&) = default;
};

// A write that failed waits before it is tried again.
struct Retry {
  int failures = 0;
  Timestamp due;
  Message error;

  friend bool operator==(const Retry&, const Retry&) = default;
};

// A write that the API server will not take however often it is tried.
struct Refusal {
  std::string asked;  // digest of what was refused
  std::string error;

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

// Why a machine is not further than it is: the predicate it waits for, since when and until when
// (I13).
struct Blocker {
  std::string transition;
  Message waits_for;
  Message remedy;  // none: it comes by itself
  Timestamp since;
  Timestamp deadline;

  friend bool operator==(const Blocker&, const Blocker&) = default;
};

// Words to people that have been decided on and are not known to have reached them.
struct PendingEvent {
  std::string reason;
  Message message;
  std::string digest;  // of the Event: however often it is tried, it is one
  bool warning = false;
  bool lasting = false;  // worth telling only as long as it is so

  friend bool operator==(const PendingEvent&, const PendingEvent&) = default;
};

struct Condition {
  bool status = false;
  std::string reason;
  Message message;
  Timestamp changed;

  friend bool operator==(const Condition&, const Condition&) = default;
};

enum class ProvisionPhase : std::uint8_t { kNew, kPreparing, kStarting, kOpening, kDone };
std::string to_string(ProvisionPhase phase);  // "Preparing"

// pgBackRest, from a cluster that is open to one whose replicas and schedules come from its
// repositories.
enum class BackupPhase : std::uint8_t { kStanza, kFirstBackup, kDone };
std::string to_string(BackupPhase phase);  // "Stanza"

// What the last change of the spec changed, and who made it: operations tell it as their reason.
struct SpecChanges {
  std::string text;   // "spec.image a -> b"; empty when nothing has changed since the beginning
  std::string actor;  // "kubectl (Update at 2026-01-02T03:04:05Z)"

  friend bool operator==(const SpecChanges&, const SpecChanges&) = default;
};

// The last attempt of a Job that failed.
struct FailedAttempt {
  Timestamp at;
  std::string reason{};         // pgBackRest's, or else what Kubernetes says of the Job
  std::int64_t generation = 0;  // of the spec by which it was made: another one is tried at once

  friend bool operator==(const FailedAttempt&, const FailedAttempt&) = default;
};

// The stanza in one repository.
struct StanzaProgress {
  std::string place;  // where the repository lies: one that has moved is another one
  bool created = false;
  int attempt = 0;                      // of its Job; each has a name of its own
  std::optional<Timestamp> retry_at{};  // the attempt has failed: the next one begins then
  std::optional<FailedAttempt> last_failure{};
  bool found = false;                   // it was there, by the status, when this journal began
  std::optional<std::string> cipher{};  // by `global`, when it was made; none: not looked at yet

  friend bool operator==(const StanzaProgress&, const StanzaProgress&) = default;
};

// Of the backup that replicas are made from. The phase kStanza: no repository is chosen for it yet.
struct BackupProgress {
  BackupPhase phase = BackupPhase::kStanza;
  int attempt = 0;                      // of the phase's Job; each has a name of its own
  std::string repositories;             // digest of those that this is about
  std::optional<Timestamp> retry_at{};  // the attempt has failed: the next one begins then
  std::string after{};  // the request for a restore that made another first backup necessary
  std::optional<FailedAttempt> last_failure{};
  std::map<std::string, StanzaProgress> stanzas{};  // by repository
  std::string replica_repo{};  // the one that is chosen; empty before, and in older states
  std::string first{};         // the first one of the spec when it was chosen, and its place

  friend bool operator==(const BackupProgress&, const BackupProgress&) = default;
};

// The backup that is made because an archive lacks WAL: what begins later can be restored again.
struct GapBackup {
  std::string first{};                  // segment that is missing; of the first gap
  std::string last{};                   // of the last one: for each there is one such backup
  std::string type{};                   // full, incr
  bool is_over = false;                 // it is made, or not needed any more
  int attempt = 0;                      // of its Job; each has a name of its own
  Timestamp begun{};                    // when the last attempt was asked for
  std::optional<Timestamp> retry_at{};  // the attempt has failed: the next one begins then
  std::optional<FailedAttempt> last_failure{};

  friend bool operator==(const GapBackup&, const GapBackup&) = default;
};

// A backup that somebody asked for by an annotation, from the request to its answer.
enum class ManualBackupPhase : std::uint8_t {
  kAnswered,  // nothing is asked for, or what stands there is of before this journal
  kWaiting,   // asked for; no Job of it has been seen
  kRunning,   // its Job has been seen
  kSucceeded,
  kFailed
};
std::string to_string(ManualBackupPhase phase);  // "Waiting"

struct ManualBackup {
  ManualBackupPhase phase = ManualBackupPhase::kAnswered;
  std::string id;      // the annotation's value; empty: nothing has been asked for
  std::string writer;  // of the annotation, where it is known
  std::string repo;    // where it goes; known once it is begun
  std::string job;     // its name; likewise
  Message mistake;     // what is wrong with the request, and its remedy; nothing is begun
  Message failure;     // why no backup came of it
  JobFields seen{};    // what the Job said of itself last: its times and counts

  friend bool operator==(const ManualBackup&, const ManualBackup&) = default;
};

// The last rendering, whether its inputs may have changed since, and how far the world is from it.
// All of it is derived and no part of the state: whatever is kept here, asking anew gives the same.
class RenderedMemo {
 public:
  // An input of the rendering may have changed.
  void reset() {
    holds_ = false;
    disturb();
  }
  // Objects, or what we wrote of them, have changed: what is in place has to be looked at again.
  void disturb() {
    looked_ = false;
    touched_.clear();
    found_ = {};
  }
  // The same, but only of objects of that name, and of what is asked for because of them.
  void disturb(const std::string& name) {
    if (touched_.size() == kTouchedMax) return disturb();
    if (looked_) touched_.push_back(name);
    found_ = {};
  }

  bool holds() const { return holds_; }
  // Null at first; made from older inputs unless it holds.
  const Rendered* last() const { return last_.get(); }
  // The same, for whoever goes on with it while another one is made.
  std::shared_ptr<const Rendered> share() const { return last_; }
  // Its inputs are the same again.
  void confirm() { holds_ = true; }
  void replace(Rendered made);
  // What others have made of the same inputs.
  void share(std::shared_ptr<Rendered> made);
  // Where renderings are shared with others, for as long as a step lasts; null where they are not.
  void use(Renderings* renderings) { renderings_ = renderings; }
  const Renderings* renderings() const { return renderings_; }
  // To make the next one of; null afterwards, until that replaces it.
  std::shared_ptr<Rendered> release() { return std::move(last_); }

  // The place in it of the first object that is not in place; behind its end when all are.
  bool has_looked() const { return looked_ && touched_.empty(); }
  std::size_t first_not_in_sync() const { return first_not_in_sync_; }
  void note_first_not_in_sync(std::size_t place) {
    first_not_in_sync_ = place;
    looked_ = true;
    touched_.clear();
  }
  // What was found out of the objects, until any of them changes.
  struct Found {
    std::string sql_digest;         // database.h; empty: not yet
    bool has_no_leftovers = false;  // leftovers.h
  };
  Found& found() { return found_; }
  // Up to there all was in place at the last look, and is, but for objects of these names.
  std::size_t known_in_sync() const { return looked_ ? first_not_in_sync_ : 0; }
  const std::vector<std::string>& touched() const { return touched_; }

 private:
  std::shared_ptr<Rendered> last_;
  Renderings* renderings_ = nullptr;
  std::size_t first_not_in_sync_ = 0;
  static constexpr std::size_t kTouchedMax = 16;
  std::vector<std::string> touched_;
  Found found_;
  bool holds_ = false;
  bool looked_ = false;
};

// A cluster that led and is to follow, or the other way round.
struct RoleChange {
  std::int64_t timeline = 0;                // of the last primary; 0: not known
  std::optional<PromotionPermit> permit{};  // a person's word for the next promotion
  std::string used_permit{};  // the text by which the last one has gone, which allows no other one
  // Of a cluster that nobody leads: what the one is that spec.standby names. None before the first
  // look.
  std::optional<OtherSeen> other{};
  // Of a primary that is asked to follow another cluster: since when, and what that one is.
  std::optional<Timestamp> asked_at{};
  std::optional<OtherSeen> successor{};

  friend bool operator==(const RoleChange&, const RoleChange&) = default;
};

struct ClusterState {
  ClusterUid uid;
  Timestamp now;  // of the last record
  bool synced = false;
  bool gone = false;

  std::optional<OperatorConfigured> config;
  std::optional<SpecObserved> spec;
  std::map<ObjectRef, ObjectObserved> objects;
  std::map<std::string, PodObserved> pods;
  std::vector<PlaceRival> rivals;

  std::map<std::string, std::vector<std::string>>
      instances;  // by instance set, in the order of their making

  IntentId last_intent;
  std::map<IntentId, Action> pending;      // asked for, not ended
  std::map<std::string, Written> written;  // by target
  std::map<std::string, std::string>
      asked_before;                      // by target: what the rules of another behaviour asked for
  std::map<std::string, Retry> retries;  // by target
  Counters counters;
  std::map<std::string, Refusal> refused;  // by target; asked for again now and then
  std::map<std::string, std::vector<Timestamp>>
      repairs;  // by target: when it was mended after somebody's change

  ProvisionPhase phase = ProvisionPhase::kNew;
  BackupProgress backup;
  std::optional<ManualBackup> manual_backup;   // the last one; none before anybody has looked
  std::optional<BackupRemoval> removal;        // likewise
  std::optional<RestoreProgress> restore;      // likewise
  std::optional<RestoreOrigin> restored_from;  // what the last restore left; an undo goes there
  std::map<std::string, RepositorySeen> repositories;        // by name, as they were read last
  std::map<std::string, RepositoryError> repository_errors;  // by name: the last one of each
  std::map<std::string, GapBackup> gap_backups;              // likewise
  std::vector<TimelineBranch> timelines;                     // that restores have begun
  std::optional<Drill> drill;                      // the last one; none since this journal began
  std::map<std::string, VerifiedBackup> verified;  // by repository: what the last one has proven
  std::optional<SourceSeen> source;                // of a clone, as it was read last
  std::optional<VolumesSeen> existing_volumes;     // likewise
  std::optional<CollationsSeen> collations;        // none before the first look
  std::optional<ArchiverSeen> archiver;            // likewise
  std::optional<StandbySeen> standby;              // likewise; of a cluster that follows another

  Operation operation;  // the one that goes on
  std::map<std::string, std::map<std::string, Timestamp>>
      goals_since;  // by operation, of goals with an end: since when each has been met unfulfilled
  std::optional<LeaderMove> leader_move;  // until another pod leads
  std::optional<MembersSeen> members;
  std::map<std::string, Retired> retired;  // by instance
  std::set<std::string> stopped;           // instances that are not to run: a shutdown
  std::string startup_instance;            // the one that led before it: it starts first
  RoleChange role;
  std::optional<std::string> handled_trigger;  // the last request for another primary, as answered
  std::optional<ShutdownReceipt> receipt;      // of the shutdown that goes on
  // Repositories in which the receipt of a former one may be, though it does not hold any more.
  std::set<std::string> stale_receipts;
  SpecChanges changes;
  bool operator_changed = false;             // since the last change of the spec
  std::set<std::string> rollout_suppressed;  // instances whose template changed by that alone
  std::map<std::string, Message>
      reported_events;                     // by an Event's reason: the message that it told last
  std::vector<PendingEvent> event_outbox;  // in the order in which they came up
  std::optional<Timestamp> requeue_at;     // a machine wants to be asked then
  // When the authorities that users bring were copied last, or this was first looked at; none where
  // there are none.
  std::optional<Timestamp> trust_renewed;
  // When the Secrets with certificates were last ensured again; none until this was first looked
  // at.
  std::optional<Timestamp> certificates_checked;
  std::optional<std::string> init_sql_ran;  // the ConfigMap whose script was run, until forgotten
  std::string server_trouble;               // why the API server cannot be relied on; empty: it can
  std::string
      patroni_store;  // the kind that Patroni keeps its state in; empty until it was looked at
  // All members wait for a leader of another database: from when on that is taken for true.
  std::optional<Timestamp> foreign_from;
  bool begun_here = false;  // it had no instance yet when this journal began with it
  // Since when, until its database proves to be younger, or somebody has asked for one that was
  // there before: found_database.h. None of clusters that older versions began.
  std::optional<Timestamp> begun_at;

  std::map<std::string, Blocker> blockers;  // by machine: what each of them waits for
  std::map<std::string, Condition> conditions;

  // What the spec says, parsed, and what should exist because of it.
  RenderedMemo rendered;
  // The last status document, so that the same one is not rendered again. Derived as well.
  std::shared_ptr<const RenderedStatus> rendered_status;
};

// "spec.image a -> b by kubectl (...)": which field, its old and new value, and its writer. Empty
// when nothing has changed.
Message in_words(const SpecChanges& changes);

// "failed 3 times, "; empty for one that waits for another reason than a failure.
std::string failures_in_words(const Retry& retry);

// The earliest time that the state waits for; none when only facts can change it.
std::optional<Timestamp> next_due(const ClusterState& state);

}  // namespace annals::fsm
