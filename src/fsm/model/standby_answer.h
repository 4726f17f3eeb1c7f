// What the leader of a cluster that follows another one says of itself, what it was told of its
// source, and what is remembered of it. A level. Without secrets. Positions in the WAL are in
// bytes, 0 where there is none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "fsm/model/receipt.h"

namespace annals::fsm {

// The process that receives WAL, while there is one.
struct WalReceiver {
  std::string status{};  // "streaming"
  std::string host{};    // of the source, as it was asked for
  std::int64_t port = 0;
  std::optional<Timestamp> heard_at{};  // of the source's last message
  std::uint64_t sent_lsn = 0;           // the end of the source's WAL by then

  friend bool operator==(const WalReceiver&, const WalReceiver&) = default;
};

enum class SourceState : std::uint8_t {
  kNotAsked,
  kWrites,      // it is a primary
  kFollows,     // it is in recovery, and receives WAL itself
  kRecovers,    // it is in recovery, and receives none
  kRefuses,     // nobody listens there, or the server starts or shuts down
  kSilent,      // nothing answers under that name
  kLocksOut,    // a server answers, and does not let us in
  kStranger,    // the database that answers is another one
  kOneOfOurs,   // the server that answers is the standby itself
  kUnreadable,  // whoever answers says something else
  kFollowsUs,   // it is in recovery, and receives its WAL from the server that asks
};

struct SourceAnswer {
  SourceState state = SourceState::kNotAsked;
  std::string host{};   // that has answered so
  std::string words{};  // of the server or of psql, where it is no answer, or nobody may replicate
  std::int64_t timeline = 0;
  std::uint64_t lsn = 0;  // of the last that it has written, or replayed
  std::string lost{};     // the segment of WAL that comes next, which it has no longer
  bool claims = false;    // in recovery: it is asked to lead as well, as it has said in its claim

  friend bool operator==(const SourceAnswer&, const SourceAnswer&) = default;
};

// In one repository.
struct ReceiptAnswer {
  std::string repo{};
  std::optional<Receipt> receipt{};
  std::string trouble{};  // why it could not be read; empty: it could, or there is none

  friend bool operator==(const ReceiptAnswer&, const ReceiptAnswer&) = default;
};

// Of ReadStandby.
struct StandbyAnswer {
  Timestamp at{};
  bool in_recovery = false;
  std::string system_id{};
  std::int64_t timeline = 0;
  std::uint64_t received_lsn = 0;  // by streaming
  std::uint64_t replayed_lsn = 0;
  bool is_replay_paused = false;
  bool claims = false;                          // it had its claim before its source was asked
  std::optional<Timestamp> last_transaction{};  // that was replayed: when it was committed
  std::optional<WalReceiver> receiver{};
  SourceAnswer source{};
  std::vector<ReceiptAnswer> receipts{};

  friend bool operator==(const StandbyAnswer&, const StandbyAnswer&) = default;
};

// The last answer, and whom and what for it was asked: as ReadStandby has them.
struct StandbySeen {
  Timestamp at{};
  StandbyAnswer its{};
  std::string pod{};
  std::string promotion{};
  std::optional<Timestamp> heard_at{};  // when something was received last, by any answer
  std::optional<Timestamp> moved_at{};  // when an answer had more replayed than the one before
  std::optional<Timestamp> first_at{};  // of this pod's first answer
  // Of a source that was found to write while a promotion waited: when it was found otherwise.
  std::optional<Timestamp> ceased_at{};

  friend bool operator==(const StandbySeen&, const StandbySeen&) = default;
};

// What was heard of a cluster that is not followed, by ReadStandby in one of the own pods.
struct OtherSeen {
  Timestamp at{};
  StandbyAnswer its{};   // of the own server or volume, and of the other cluster as its source
  std::string pod{};     // where that was asked: its name
  std::string member{};  // and its UID
  std::string asked{};   // "host:port"

  friend bool operator==(const OtherSeen&, const OtherSeen&) = default;
};

// The annotation that permits a promotion, and who wrote it, as far as that is known.
struct PromotionPermit {
  std::string text{};
  std::string writer{};

  friend bool operator==(const PromotionPermit&, const PromotionPermit&) = default;
};

}  // namespace annals::fsm
