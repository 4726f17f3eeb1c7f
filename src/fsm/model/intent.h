// Intents: what a machine wants done. Each is idempotent by construction, so that carrying it out
// twice, or again after a crash half way, leaves the same world. Durable in the journal before
// anything is sent (I1).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fsm/model/fact.h"
#include "fsm/text/message.h"
#include "manifests/secrets/secrets.h"

namespace annals::fsm {

// What is gone for good once the intent is carried out, what the last other copy of it is, and who
// allowed that (I10).
struct Guard {
  Message lost;
  Message other_copy;
  Message allowed_by;

  friend bool operator==(const Guard&, const Guard&) = default;
};

// Server-side apply of the manifest. In a record it stands by its digest; the text is stored once,
// by content.
struct ApplyObject {
  ObjectRef ref;
  std::string digest;  // SHA-256 of the manifest
  std::string manifest;
  Guard guard{};  // of a Job that overwrites data; of nothing else

  friend bool operator==(const ApplyObject&, const ApplyObject&) = default;
};

// Make the Secret hold what the recipe asks for; keep all of it that is good already.
struct EnsureSecret {
  ObjectRef ref;
  std::string digest;  // of the recipe
  manifests::SecretRecipe recipe;

  friend bool operator==(const EnsureSecret&, const EnsureSecret&) = default;
};

// A user, its Secret, and the databases that it may use.
struct SqlUser {
  std::string name;
  std::string secret;
  std::vector<std::string> databases;
  std::string options;

  friend bool operator==(const SqlUser&, const SqlUser&) = default;
};

// How a server is known whose certificate somebody else has signed. All empty: ours has.
struct CustomTlsIdentity {
  std::string authorities_secret;  // its ca.crt has all that are trusted
  std::string certificate_secret;  // the user's
  std::string certificate_key;

  friend bool operator==(const CustomTlsIdentity&, const CustomTlsIdentity&) = default;
};

// Make databases and users exist in PostgreSQL, through the primary's Service.
struct RunSql {
  std::string digest;  // of all that follows
  std::string host;
  int port = 5432;
  std::string
      authority_secret;  // signs the certificate that the operator logs in with, and the server's
  CustomTlsIdentity server;  // unless it is this
  std::vector<std::string> databases;
  std::vector<SqlUser> users;

  friend bool operator==(const RunSql&, const RunSql&) = default;
};

// Server-side apply of the custom resource's status.
struct PatchStatus {
  ObjectRef ref;
  std::string digest;  // of what it says apart from the wording
  std::string manifest;

  friend bool operator==(const PatchStatus&, const PatchStatus&) = default;
};

// Delete this very object; a namesake is left alone. What belongs to it goes with it, in the
// background.
struct DeleteObject {
  ObjectRef ref;
  // The object's UID. Empty: whichever has that name and belongs to the cluster, for names that
  // nobody else may use.
  std::string digest;
  Guard guard;
  // Of a pod: only while it is that, its role in Patroni's words ("replica") or kNotReady. Of a
  // volume claim: only while it is kept like that, kept_as(). Empty: whatever it is.
  std::string precondition{};

  friend bool operator==(const DeleteObject&, const DeleteObject&) = default;
};

// Whether the custom resource waits for us before it is deleted. Other finalizers are left alone.
struct SetFinalizer {
  ObjectRef ref;
  std::string digest;  // the custom resource's UID
  bool present = true;

  friend bool operator==(const SetFinalizer&, const SetFinalizer&) = default;
};

// Replace the configuration that all of Patroni's members share.
struct ConfigurePatroni {
  ObjectRef ref;                 // where Patroni keeps it
  std::string digest;            // SHA-256 of the configuration
  std::string host;              // the name of a pod that runs Patroni, as its certificate has it
  std::string authority_secret;  // signs the certificate that the operator comes with
  std::string configuration;     // JSON

  friend bool operator==(const ConfigurePatroni&, const ConfigurePatroni&) = default;
};

// The same where Patroni keeps it, while none of its members runs. Refused while one holds the
// lock.
struct WriteConfiguration {
  ObjectRef ref;              // where Patroni keeps it
  ObjectRef lock;             // where it says who leads
  std::string digest;         // SHA-256 of the configuration
  std::string configuration;  // JSON

  friend bool operator==(const WriteConfiguration&, const WriteConfiguration&) = default;
};

// Ask Patroni who its members are and how far behind. Changes nothing; the answer is the outcome.
struct AskPatroni {
  std::string digest;            // of the cluster's UID: there is one question
  std::string host;              // the name of a pod that runs Patroni
  std::string authority_secret;  // signs the certificate that the operator comes with

  friend bool operator==(const AskPatroni&, const AskPatroni&) = default;
};

// Make `candidate` lead instead of `leader`. Nothing happens when it leads already, and a leader
// that is another one meanwhile is a failure.
struct SwitchOver {
  std::string digest;  // of leader and candidate
  std::string host;    // the name of a pod that runs Patroni
  std::string authority_secret;
  std::string leader;     // pod
  std::string candidate;  // pod
  bool forced = false;    // whatever the leader says: a failover

  friend bool operator==(const SwitchOver&, const SwitchOver&) = default;
};

// Restart PostgreSQL inside of its pod, if it still waits for that.
struct RestartPostgres {
  std::string digest;  // of the pod's UID and why
  std::string pod;
  std::string host;  // the pod's name in DNS
  std::string authority_secret;

  friend bool operator==(const RestartPostgres&, const RestartPostgres&) = default;
};

// Write out what a restart would have to write or read: it makes the interruption after it short.
struct Checkpoint {
  std::string digest;  // of the pod's UID
  std::string host;
  int port = 5432;
  std::string authority_secret;
  CustomTlsIdentity server{};

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// Run the user's script once in the primary's pod. Only its place is known here, never its text.
struct RunInitSql {
  std::string digest;  // of all that follows
  std::string pod;     // the primary
  std::string container;
  std::string config_map;
  std::string key;
  std::string mark;     // what the database remembers of the run
  bool forget = false;  // instead: it remembers nothing any more

  friend bool operator==(const RunInitSql&, const RunInitSql&) = default;
};

// Ask pgBackRest what a repository holds: `pgbackrest info`, in a container that reaches it.
// Changes nothing; the answer is the outcome's `contents`. A repository that does not answer is an
// answer as well: the contents say what is wrong with it.
struct ReadRepository {
  std::string digest;  // of the next four
  std::string pod;     // the repository host's, or the primary's
  std::string container;
  std::string repo;    // "repo1"
  std::string stanza;  // "db"
  // What the answer is not older than: the last backup that was known, by its completion time, and
  // a person's request.
  std::string backup{};
  std::string request{};
  std::string restored{};  // the restore after which the last first backup was made
  // Digest of what it held at the last look: the outcome has no contents where they are the same.
  std::string known{};
  // Seconds: it is read again so often until the outcome has something new. 0: once.
  std::int64_t every = 0;
  // Of the primary's server, which says first what it takes for archived. An empty host: it is not
  // asked.
  std::string host{};
  int port = 5432;
  std::string authority_secret{};
  CustomTlsIdentity server{};

  friend bool operator==(const ReadRepository&, const ReadRepository&) = default;
};

// Look at another PostgresCluster, and ask a pod what the repository holds. Changes nothing; the
// answer is the outcome's `source`, and its `contents` where there is such a cluster.
struct ReadSource {
  std::string digest;  // of all that follows
  std::string name_space;
  std::string cluster;  // empty: no cluster is named, and the pod alone is asked
  std::string pod;  // its repository host's, or one of ours; empty: only the cluster is looked at
  std::string container;
  std::string repo;
  std::string stanza;
  std::string pod_namespace{};  // empty: the cluster's

  friend bool operator==(const ReadSource&, const ReadSource&) = default;
};

// Look at volume claims that were there before the cluster. Changes nothing; the answer is the
// outcome's `volumes`, with each of them.
struct ReadVolumes {
  std::string digest;               // of the claims
  std::vector<std::string> claims;  // of the cluster's namespace

  friend bool operator==(const ReadVolumes&, const ReadVolumes&) = default;
};

// Make a volume claim of a deleted cluster outlive it: nobody owns it any more, and it says for
// whom and until when it is kept. Or the other way round: a claim that is kept for a deleted
// cluster becomes one of this cluster's. A claim that is neither is left alone.
struct KeepClaim {
  ObjectRef ref;
  std::string digest;  // of the next three
  std::string of;      // UID of the cluster that is deleted
  bool kept = true;    // false: it is taken up
  bool led = false;    // the data of the instance that led last
  std::string deleted_at{};
  std::string until{};

  friend bool operator==(const KeepClaim&, const KeepClaim&) = default;
};

// Write a commit and a named restore point on the primary, and switch WAL. Done again it makes a
// later point of the same name, and the later one counts: nobody recovers to it by its name. The
// outcome's `restore_point` says where it is.
struct MakeRestorePoint {
  std::string digest;  // of all that follows
  std::string host;    // the primary's pod in DNS
  int port = 5432;
  std::string authority_secret;
  CustomTlsIdentity server{};
  std::string name;  // "annals-restore-1a2b3c4d"; at most 63 bytes

  friend bool operator==(const MakeRestorePoint&, const MakeRestorePoint&) = default;
};

// Ask the primary whether it has archived a WAL segment. Changes nothing; the answer is the
// outcome's `archive`.
struct CheckArchived {
  std::string digest;  // of all that follows
  std::string host;
  int port = 5432;
  std::string authority_secret;
  CustomTlsIdentity server{};
  std::string segment;

  friend bool operator==(const CheckArchived&, const CheckArchived&) = default;
};

// Ask the primary which databases' collations have another version than is recorded, and which
// indexes are ordered by them. Changes nothing; the answer is the outcome's `collations`.
struct ReadCollations {
  std::string digest;  // of all that follows
  std::string host;
  int port = 5432;
  std::string authority_secret;
  CustomTlsIdentity server{};
  // What the answer is not older than: the primary's pod, by its UID, what was written into the
  // database, and a person's request.
  std::string pod{};
  std::string sql{};
  std::string request{};

  friend bool operator==(const ReadCollations&, const ReadCollations&) = default;
};

// Ask the primary whether it archives its WAL, and where it does not, for pgBackRest's own words
// in the files beside it. Changes nothing; the answer is the outcome's `archiver`.
struct ReadArchiver {
  std::string digest;  // of all that follows but authority and identity
  std::string host;
  int port = 5432;
  std::string authority_secret;
  CustomTlsIdentity server{};
  std::string spool{};  // folder with a file for each segment that failed
  std::string log{};    // of the process that archives
  // What the answer is not older than: the primary's pod, by its UID, how often backups have
  // failed, and a person's request.
  std::string pod{};
  std::string trouble{};
  std::string request{};
  // As ReadRepository has them: known_of() of the last answer.
  std::string known{};
  std::int64_t every = 0;

  friend bool operator==(const ReadArchiver&, const ReadArchiver&) = default;
};

// Whom a standby follows, and how its leader logs in there: with Patroni's certificate.
struct SourceQuestion {
  // One or several, with commas, of a cluster that is not followed; empty: where the pod's server
  // says it streams from.
  std::string host{};
  std::int64_t port = 0;
  std::string user{};
  std::string certificates{};  // folder in the leader's pod, with tls.crt, tls.key and ca.crt
  // Pods of this cluster. Whoever else streams from the leader may be the source.
  std::vector<std::string> members{};
  // Nothing comes from it: whether it has the WAL that comes next.
  bool looks_for_wal = false;

  friend bool operator==(const SourceQuestion&, const SourceQuestion&) = default;
};

// What is done with the claim of a server in recovery: a primary's is always taken back.
enum class Claim : std::uint8_t { kLeave, kMake, kTakeBack };

// Ask the leader of a standby how far it is, and, in its pod, the source what it is, and
// repositories for the receipt of a clean shutdown. Changes nothing but the leader's claim to lead,
// which another cluster reads; the answer is the outcome's `standby`. With a host for its source it
// is asked of a cluster that is not followed.
struct ReadStandby {
  std::string digest;  // of all that follows but authority and identity, and up to `promotion`
  std::string host;
  int port = 5432;
  std::string authority_secret;
  CustomTlsIdentity server{};
  std::string pod{};
  std::string container{};
  SourceQuestion source{};
  Claim claim = Claim::kLeave;       // before the source is asked
  bool volume_only = false;          // nobody leads: the server may not run, and is not asked
  std::vector<std::string> repos{};  // "repo1": whose receipts are read
  std::string receipt_file{};        // where that lies in each of them
  // What the answer is not older than: the leader's pod, by its UID, and the promotion.
  std::string leader{};
  std::string promotion{};
  // As ReadRepository has them: known_of() of the last answer, and its figures. Others are news,
  // the latter from that time on.
  std::string known{};
  std::string figures{};
  Timestamp figures_from{};
  std::uint64_t awaited_lsn = 0;  // that it is replayed is news
  std::int64_t every = 0;

  friend bool operator==(const ReadStandby&, const ReadStandby&) = default;
};

// Replace the receipt of a former shutdown in a repository, by a command in the primary's pod: the
// cluster takes writes again.
struct WithdrawReceipt {
  std::string digest;  // of all that follows
  std::string pod;     // the primary
  std::string container;
  std::string repo;     // "repo1"
  std::string file;     // in it
  std::string cluster;  // "namespace/name"
  Timestamp at{};

  friend bool operator==(const WithdrawReceipt&, const WithdrawReceipt&) = default;
};

// Tell people: an Event on the custom resource.
struct EmitEvent {
  ObjectRef ref;
  std::string digest;  // of all that follows, and of when it came up: the Event's name
  bool warning = false;
  std::string reason;  // "InvalidSwitchover"
  Message message;

  friend bool operator==(const EmitEvent&, const EmitEvent&) = default;
};

using Action = std::variant<ApplyObject, EnsureSecret, RunSql, PatchStatus, DeleteObject,
                            SetFinalizer, ConfigurePatroni, AskPatroni, SwitchOver, RestartPostgres,
                            Checkpoint, RunInitSql, EmitEvent, ReadRepository, MakeRestorePoint,
                            CheckArchived, ReadSource, ReadVolumes, KeepClaim, ReadCollations,
                            ReadArchiver, ReadStandby, WriteConfiguration, WithdrawReceipt>;

// By the places in Action: the types of their records.
inline constexpr std::array<std::string_view, std::variant_size_v<Action>> kActionTypes{
    "apply-object",      "ensure-secret",       "run-sql",
    "patch-status",      "delete-object",       "set-finalizer",
    "configure-patroni", "ask-patroni",         "switch-over",
    "restart-postgres",  "checkpoint",          "run-init-sql",
    "emit-event",        "read-repository",     "make-restore-point",
    "check-archived",    "read-source",         "read-volumes",
    "keep-claim",        "read-collations",     "read-archiver",
    "read-standby",      "write-configuration", "withdraw-receipt"};
static_assert(!kActionTypes.back().empty(), "a new action needs its type");

// Who goes first when many wait. It changes nothing of what is done, so it is no part of the
// record, and no part of what two intents are compared by.
enum class Urgency : std::uint8_t {
  kUsual,     // of a cluster that runs, or ran
  kFirstPod,  // a new cluster's pods wait for it
  kLater,     // a new cluster needs it, but none of its pods does
};

struct Intent {
  IntentId id;
  Action action;
  Urgency urgency = Urgency::kUsual;

  friend bool operator==(const Intent& one, const Intent& other) {
    return one.id == other.id && one.action == other.action;
  }
};

// What the action works on: an object, or "sql" for the database itself.
std::string target_of(const Action& action);
// Whether that is its target.
bool works_on(const Action& action, std::string_view target);

// Certificates are asked of an authority that is named: its certificate's digest, as it was seen.
inline constexpr std::string_view kSignedBy = " by ";
// Empty for what no authority has to sign.
std::string_view signer_of(const EnsureSecret& intent);

// The digest of what it asks for.
std::string asked_by(const Action& action);

// "apply-object", "ensure-secret", ...: the record's type.
std::string type_of(const Action& action);

// The text that is kept by its digest instead of in the record; null when there is none.
const std::string* content_of(const Action& action);

// Of a pod: it serves nobody, so that nobody loses anything by its end.
inline constexpr const char* kNotReady = "not ready";

// Of a volume claim that is kept: for which deleted cluster, and until when.
std::string kept_as(const std::string& deleted_uid, const std::string& until);

// What was asked for, of an object that is deleted whatever its UID is.
inline constexpr const char* kDeletedByName = "deleted by its name";
inline constexpr const char* kPatroniTarget = "patroni";
inline constexpr const char* kSqlTarget = "sql";
inline constexpr const char* kInitSqlTarget = "sql/init";
inline constexpr const char* kMembersTarget = "patroni/members";
inline constexpr const char* kLeaderTarget = "patroni/leader";
inline constexpr const char* kCheckpointTarget = "sql/checkpoint";
inline constexpr const char* kRestorePointTarget = "sql/restore-point";
inline constexpr const char* kArchivedTarget = "sql/archived";
inline constexpr const char* kCollationsTarget = "sql/collations";
inline constexpr const char* kArchiverTarget = "sql/archiver";
inline constexpr const char* kStandbyTarget = "sql/standby";
inline constexpr const char* kOtherTarget = "other-cluster";
inline constexpr const char* kSourceTarget = "source";
inline constexpr const char* kVolumesTarget = "volumes";
// Followed by the repository's name: "repository/repo1".
inline constexpr const char* kRepositoryTarget = "repository/";
inline constexpr const char* kReceiptTarget = "receipt/";  // likewise

}  // namespace annals::fsm
