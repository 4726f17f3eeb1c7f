// ClusterState: all that the machines of one cluster know. It is the fold of the cluster's stream
// and nothing else (I6): values only, ordered containers only, no pointer to anything that lives
// longer than a step, but for what is derived from the values and can be derived again.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fsm/decision.h"
#include "fsm/fact.h"
#include "fsm/intent.h"

namespace annals::fsm {

struct Rendered;  // desired_set.h

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
  std::string error;

  friend bool operator==(const Retry&, const Retry&) = default;
};

// Why the cluster is not further than it is: the predicate it waits for, since when and until when
// (I13).
struct Blocker {
  std::string transition;
  std::string waits_for;
  std::string cure;
  Timestamp since;
  Timestamp deadline;

  friend bool operator==(const Blocker&, const Blocker&) = default;
};

struct Condition {
  bool status = false;
  std::string reason;
  std::string message;
  Timestamp changed;

  friend bool operator==(const Condition&, const Condition&) = default;
};

enum class ProvisionPhase : std::uint8_t { kNew, kPreparing, kStarting, kOpening, kDone };
std::string to_string(ProvisionPhase phase);  // "Preparing"

// pgBackRest, from a cluster that is open to one whose replicas and schedules come from its
// repositories.
enum class BackupPhase : std::uint8_t { kStanza, kFirstBackup, kDone };
std::string to_string(BackupPhase phase);  // "Stanza"

struct BackupProgress {
  BackupPhase phase = BackupPhase::kStanza;
  int attempt = 0;           // of the phase's Job; each has a name of its own
  std::string repositories;  // digest of those that this is about; other ones begin anew

  friend bool operator==(const BackupProgress&, const BackupProgress&) = default;
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

  std::map<std::string, std::vector<std::string>>
      instances;  // by instance set, in the order of their making

  IntentId last_intent;
  std::map<IntentId, Action> pending;      // asked for, not ended
  std::map<std::string, Written> written;  // by target
  std::map<std::string, Retry> retries;    // by target
  std::map<std::string, std::vector<Timestamp>>
      healed;  // by target: when it was mended after somebody's change

  ProvisionPhase phase = ProvisionPhase::kNew;
  BackupProgress backup;
  std::optional<Blocker> blocker;
  std::map<std::string, Condition> conditions;

  // What the spec says, parsed, and what should exist because of it. Derived: dropped whenever an
  // input changes, and made again by the next step that asks.
  std::shared_ptr<const Rendered> rendered;
};

// The earliest time that the state waits for; none when only facts can change it.
std::optional<Timestamp> next_due(const ClusterState& state);

}  // namespace annals::fsm
