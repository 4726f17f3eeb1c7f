// What a restore remembers: what was asked for, what was chosen for it, and what the database was
// before, so that it can be undone. The operation's own struct (operation.h) is only why and since
// when it goes on; this outlives a shutdown or a failure in the middle.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "fsm/model/object_fields.h"
#include "fsm/model/repository_contents.h"
#include "fsm/model/restore_plan.h"
#include "fsm/model/source_cluster.h"
#include "fsm/text/message.h"

namespace annals::fsm {

// A named restore point, and the WAL segment with it; that segment has been switched, so that it is
// archived soon.
struct RestorePoint {
  std::string name;
  std::int64_t timeline = 0;
  std::string segment;  // "000000010000000000000007"
  std::string lsn;      // "0/7000148"
  std::string time;     // of the server, RFC 3339 in UTC

  friend bool operator==(const RestorePoint&, const RestorePoint&) = default;
};

// Whether the archive has a WAL segment.
struct ArchiveSeen {
  std::string segment;
  bool archived = false;
  std::string trouble;  // what the archiver has failed with since; empty: nothing

  friend bool operator==(const ArchiveSeen&, const ArchiveSeen&) = default;
};

// What the last restore left behind, and who it was: an undo goes back to it.
struct RestoreOrigin {
  std::string request;  // the annotation's value of that restore
  LeftTimeline left;
  std::string without_archive{};  // who let it go on without its last WAL; empty: it is there

  friend bool operator==(const RestoreOrigin&, const RestoreOrigin&) = default;
};

// What a repository held when it was looked into.
struct RepositorySeen {
  Timestamp at;
  RepositoryContents contents;
  Timestamp since{};      // when it was first so, by a look without another cause; epoch: `at`
  std::string backup{};   // as ReadRepository has it
  std::string request{};  // likewise
  std::string restored{};
  std::vector<WalGap> gaps{};  // WAL that is known to be missing: wal_gaps.h

  friend bool operator==(const RepositorySeen&, const RepositorySeen&) = default;
};

enum class RestorePhase : std::uint8_t {
  kAnswered,   // nothing is asked for, or what stands there is of before this journal
  kChecking,   // asked for; the running cluster is as it was
  kStopping,   // its instances stop; no data directory has been touched
  kRestoring,  // the data directory is being written
  kRestored,   // it is complete, recovered and promoted; Patroni's state goes
  kStarting,   // instances come up again
  kSucceeded,
  kFailed  // given up before anything was stopped
};
std::string to_string(RestorePhase phase);  // "Checking"

struct RestoreProgress {
  RestorePhase phase = RestorePhase::kAnswered;
  std::string id{};      // the annotation's value; empty: nothing has been asked for
  std::string asked{};   // what else was asked for with it: restore_described(), or of an undo what
                         // it goes back to
  std::string writer{};  // of the annotation, where it is known
  bool undo = false;
  std::optional<LeftTimeline> back_to{};  // of an undo; nothing where there is nothing to undo
  Timestamp since{};        // when it was taken up; what was read of repositories before is too old
  std::string system_id{};  // of the database that there was
  RestorePlan plan{};       // an empty repo: not chosen yet
  std::vector<Message> notes{};           // what was assumed for it
  bool told = false;                      // as an Event, before the first instance stopped
  std::optional<RestorePoint> point{};    // made while the primary still ran
  std::optional<ArchiveSeen> archived{};  // the last answer about the segment of that point
  Timestamp archived_at{};                // when that answer came
  std::string instance{};                 // whose volume is restored: the one that led
  // A data directory may be half written, by this restore or by one before it that it replaces:
  // there is no database to be left until an instance leads again.
  bool touched = false;
  std::optional<RestoreOrigin> left{};  // known once it is touched
  int attempt = 0;                      // of the Job
  std::optional<Timestamp> retry_at{};  // the attempt has failed: the next one begins then
  Message failure{};             // why it was given up, or what the last attempt of a Job said
  std::string failure_reason{};  // of condition and Event: "RestoreTargetNotReached"
  JobFields seen{};              // what the Job said of itself last: its times and counts
  std::optional<CloneOrigin> clone{};  // it makes a new cluster, and is no restore in place
  // Of a restore in place: what the clone before it has adopted, as CloneOrigin has it. A list of
  // claims that is behind does not name them.
  std::map<std::string, AdoptedVolume> adopted{};

  friend bool operator==(const RestoreProgress&, const RestoreProgress&) = default;
};

}  // namespace annals::fsm
