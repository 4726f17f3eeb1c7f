// Facts: what was seen of the world, small, typed, and level rather than edge: "this is so now".
// A fact carries no secret and nothing that a machine does not read.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "fsm/model/archiver.h"
#include "fsm/model/collations.h"
#include "fsm/model/drill.h"
#include "fsm/model/object_fields.h"
#include "fsm/model/object_ref.h"
#include "fsm/model/receipt.h"
#include "fsm/model/repository_contents.h"
#include "fsm/model/restore.h"
#include "fsm/model/standby_answer.h"

namespace annals::fsm {

// Counts a cluster's intents from 1; an outcome names the intent that it ends.
using IntentId = Id<struct IntentIdTag, std::uint64_t>;

// Who wrote it last, by metadata.managedFields: where an explanation ends in a person or a tool.
struct Actor {
  std::string manager;
  std::string operation;
  std::string time;

  friend bool operator==(const Actor&, const Actor&) = default;
};

// Whether a cluster may be cloned into another namespace: by whoever may create clusters there,
// with the source's consent, or never.
inline constexpr const char* kCloneAllow = "allow";
inline constexpr const char* kCloneConsent = "consent";
inline constexpr const char* kCloneDeny = "deny";

// Whether a standby of whose source nobody knows that it does not write is promoted with a warning,
// or waits for a person.
inline constexpr const char* kPromotionCompatible = "compatible";
inline constexpr const char* kPromotionGuarded = "guarded";

// The operator as it runs now. Images, version and namespaces influence decisions only as this
// record.
struct OperatorConfigured {
  std::string version;
  std::string name_space;  // where the operator itself runs
  std::map<std::string, std::string>
      images;         // by the names of its environment: RELATED_IMAGE_POSTGRES_15
  int behaviour = 0;  // by which rules it decides: behaviour.h; 0 in records from before that
  // What the API server serves, by kind, where that differs between versions of Kubernetes:
  // {"CronJob", "batch/v1beta1"}.
  std::map<std::string, std::string> served{};
  // Digest of the code that decides and renders: process/rules.h. Two builds that render another
  // pod are two operators, whatever they say of their versions. Empty in records from before that.
  std::string rules{};
  std::string clone_across_namespaces{};  // kCloneAllow and so on; empty: allowed
  // For how long the volumes of deleted clusters are kept whose resource does not say: "7d".
  std::string keep_deleted_volumes{};
  // The topology by which pods of backups exclude each other: a label that all nodes share, or
  // kNoTopology. Empty: the operating system's.
  std::string backup_topology_key{};
  // What a standby needs for its promotion: kPromotionGuarded; empty: as other operators have it.
  std::string standby_promotion{};

  friend bool operator==(const OperatorConfigured&, const OperatorConfigured&) = default;
};

// PGO's, so that a cluster can be handed over.
inline constexpr const char* kFinalizer = "postgres-operator.crunchydata.com/finalizer";

// The custom resource. `spec` is its whole JSON text with metadata reduced to what we read.
struct SpecObserved {
  std::string name_space;
  std::string name;
  std::int64_t generation = 0;
  bool deleting = false;
  bool finalized = false;  // has our finalizer: Kubernetes waits for us before it deletes it
  std::string resource;
  Actor actor;
  // The request for a restore that its status calls finished: the journal may be older than that.
  std::string restored{};
  bool restore_succeeded = false;  // and what it says of the Job of that request
  std::string deleted_at{};        // when somebody asked for its deletion, as the API server says
  // Of drills likewise: the request that was answered last, and by the repository what was proven.
  std::string drilled{};
  std::map<std::string, VerifiedBackup> verified{};
  // Repositories that had their stanza by the status: what a new journal begins with. That they
  // become others is no news.
  std::set<std::string> stanzas{};

  friend bool operator==(const SpecObserved&, const SpecObserved&) = default;
};

// The custom resource is gone; its stream ends here.
struct SpecGone {
  friend bool operator==(const SpecGone&, const SpecGone&) = default;
};

// An object that the cluster owns. `digest` covers the fields that our field manager owns, so that
// another value of it is drift; `fields` are the few values that machines read.
struct ObjectObserved {
  ObjectRef ref;
  std::string uid;
  std::string digest;
  ObjectFields fields{};
  Actor actor;  // of the last change by somebody else than us, if any
  // metadata.resourceVersion where it is a number, else 0: of two looks at an object, which is
  // older.
  std::uint64_t version = 0;

  friend bool operator==(const ObjectObserved&, const ObjectObserved&) = default;
};

struct ObjectGone {
  ObjectRef ref;
  std::string uid;

  friend bool operator==(const ObjectGone&, const ObjectGone&) = default;
};

// How the one container of a Job's pod ended, and what it left as its termination message.
struct ContainerEnd {
  std::int64_t exit_code = 0;
  std::string message;
  std::optional<Receipt> receipt{};  // that the message has, of the Job that makes one

  friend bool operator==(const ContainerEnd&, const ContainerEnd&) = default;
};

struct PodObserved {
  std::string name;
  std::string uid;
  std::string instance;
  std::string node;
  std::string phase;
  std::string role;     // what Patroni wrote on it: "master", "replica" or nothing
  std::string problem;  // why it is not ready, in Kubernetes' words: "Unschedulable: 0/1 nodes
                        // ...", "ImagePullBackOff"
  bool ready = false;
  bool deleting = false;
  std::string revision{};  // of the template that it was made from
  // What Patroni says of its member: "running", "streaming", "starting", kNoDatabase; empty without
  // Patroni.
  std::string member{};
  std::int64_t timeline = 0;  // of its WAL; 0 where it is not known
  // Why PostgreSQL wants to be restarted: "max_connections 100 -> 200"; empty while it does not.
  std::string pending_restart{};
  // Of a Job's pod, by its controller among the owners: the Job's name; empty for all others.
  std::string job{};
  std::optional<ContainerEnd> end{};  // of a Job's pod that has ended
  // Patroni's role of it is standby_leader: it leads, has the role "master", and takes no writes.
  bool standby_leader = false;

  friend bool operator==(const PodObserved&, const PodObserved&) = default;
};

// Of a member: it has no database, and is not about to make one.
inline constexpr const char* kNoDatabase = "uninitialized";

struct PodGone {
  std::string name;
  std::string uid;

  friend bool operator==(const PodGone&, const PodGone&) = default;
};

// All kinds that concern the cluster have been listed since the operator started: from here on,
// what is not known does not exist. Before it, nothing is decided (I9).
struct Synced {
  friend bool operator==(const Synced&, const Synced&) = default;
};

enum class OutcomeStatus : std::uint8_t {
  kDone,
  kFailed,   // it did not happen, and `detail` says why
  kUnknown,  // it may have happened: asked, and no answer came
};

// Whether the API server can be relied on, as the operator's own requests and watches tell it.
// While it cannot, what is known may be old, and Patroni's members may be without their store.
struct ServerSeen {
  std::string trouble;  // why not; empty: it can

  friend bool operator==(const ServerSeen&, const ServerSeen&) = default;
};

// Another cluster with a repository at the place of one of this cluster's.
struct PlaceRival {
  std::string place;    // as to_string(StorePlace) has it
  std::string cluster;  // "namespace/name"
  std::string repo;     // what that cluster calls it
  bool came_first = false;
  bool has_stanza = false;  // it has begun to write there

  friend bool operator==(const PlaceRival&, const PlaceRival&) = default;
};

// All of them, of those that this operator serves. It comes before the specification that it is
// about, so that nothing is decided by that alone.
struct RivalsSeen {
  std::vector<PlaceRival> rivals;

  friend bool operator==(const RivalsSeen&, const RivalsSeen&) = default;
};

// How an intent ended.
struct Outcome {
  IntentId intent;
  OutcomeStatus status = OutcomeStatus::kDone;
  std::string detail;
  // Of an object that was written: its UID and the digest of what we own in it, as the API server
  // answered.
  std::string uid;
  std::string digest;
  ObjectFields fields{};
  std::uint64_t version = 0;
  // What was really asked for: the intent's target and the digest of what it asked. Other rules,
  // folding this record, may have meant something else by that number. Empty in older records.
  std::string target{};
  std::string asked{};
  // Of a refusal: the HTTP status, and the first field that the API server found wrong
  // ("spec.resources.requests.storage"). 0 where it is none, and in older records.
  int code{};
  std::string field{};
  // Of AskPatroni, by pod: "replica streaming 0". Records have these among the fields.
  std::map<std::string, std::string> members{};
  // Of ReadRepository, MakeRestorePoint and CheckArchived; of ReadSource the first and the last.
  // Without contents a repository is as it was known.
  std::optional<RepositoryContents> contents{};
  std::optional<RestorePoint> restore_point{};
  std::optional<ArchiveSeen> archive{};
  std::optional<SourceCluster> source{};
  std::map<std::string, VolumeSeen> volumes{};      // of ReadVolumes, by name
  std::optional<DifferingCollations> collations{};  // of ReadCollations
  std::optional<ArchiverAnswer> archiver{};         // of ReadArchiver
  std::optional<StandbyAnswer> standby{};           // of ReadStandby

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// A time that the state waits for has come.
struct TimerFired {
  std::string name;

  friend bool operator==(const TimerFired&, const TimerFired&) = default;
};

// A process became the leader and works with this journal from here on.
struct OperatorStarted {
  std::string identity;
  bool journal_reset = false;  // there was no history; the world is adopted as it is
  // What was known is told again only where it is otherwise, and what has gone is told as gone
  // before the next Synced. Without that, as in older records, all is told anew.
  bool state_carried_over{};

  friend bool operator==(const OperatorStarted&, const OperatorStarted&) = default;
};

// All that a machine can be told. A new kind does not compile until absorb() says what it means.
using Input = std::variant<OperatorStarted, OperatorConfigured, SpecObserved, SpecGone,
                           ObjectObserved, ObjectGone, PodObserved, PodGone, Synced, Outcome,
                           TimerFired, ServerSeen, RivalsSeen>;

// One record of a cluster's stream, as step() takes it.
struct Event {
  Sequence seq;
  Timestamp time;
  Epoch epoch;
  Input input;
};

}  // namespace annals::fsm
