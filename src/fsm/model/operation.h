// Operations: the ordered procedures that may interrupt a cluster, of which there is at most one at
// a time (I11). Each is a struct of what cannot be seen in the world: what it is for, and whom it
// is about. The rest is looked at anew in every step, so that it goes on after any crash.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "fsm/text/message.h"

namespace annals::fsm {

// Pods are made anew from another template, one after the other.
struct RollingUpdate {
  Message reason;
  Timestamp since;

  friend bool operator==(const RollingUpdate&, const RollingUpdate&) = default;
};

// One instance goes.
struct ScaleDown {
  Message reason;
  Timestamp since;
  std::string set;
  std::string instance;  // chosen; empty until then

  friend bool operator==(const ScaleDown&, const ScaleDown&) = default;
};

// Somebody asked for another primary.
struct Switchover {
  Message reason;
  Timestamp since;
  std::string trigger;  // the annotation's value
  std::string from;     // the pod that led then
  std::string target;   // the pod that is to lead; empty: the best one
  bool forced = false;  // a failover: the leader is not asked

  friend bool operator==(const Switchover&, const Switchover&) = default;
};

// PostgreSQL is restarted inside of its pods, for parameters that need that.
struct Restart {
  Message reason;
  Timestamp since;
  std::string pending{};                // the parameters that it is for, as members tell them
  std::string pod{};                    // the one that was restarted last; empty until then
  std::optional<Timestamp> answered{};  // since when there is an answer to that

  friend bool operator==(const Restart&, const Restart&) = default;
};

// No instance is to run.
struct Shutdown {
  Message reason;
  Timestamp since;

  friend bool operator==(const Shutdown&, const Shutdown&) = default;
};

// Instances are to run again, the one that led first.
struct Startup {
  Message reason;
  Timestamp since;

  friend bool operator==(const Startup&, const Startup&) = default;
};

// The data directory is written anew from a repository. What is asked for and how far it is stands
// in ClusterState::restore.
struct Restore {
  Message reason;
  Timestamp since;

  friend bool operator==(const Restore&, const Restore&) = default;
};

// Of a standby cluster, which gets a primary of its own.
inline constexpr const char* kPromotionName = "promotion";

// Of one with a primary, which is to follow another cluster.
inline constexpr const char* kDemotionName = "demotion";

// Any other one: it remembers under which name its table stands, and why and since when it goes on.
struct PlainOperation {
  std::string name;  // of none of those above
  Message reason;
  Timestamp since;

  friend bool operator==(const PlainOperation&, const PlainOperation&) = default;
};

// A new one stands before the last.
using Operation = std::variant<std::monostate, RollingUpdate, ScaleDown, Switchover, Restart,
                               Shutdown, Startup, Restore, PlainOperation>;

// By the places in Operation; a PlainOperation knows its own.
inline constexpr std::array<std::string_view, std::variant_size_v<Operation> - 1> kOperationNames{
    "", "rolling-update", "scale-down", "switchover", "restart", "shutdown", "startup", "restore"};
static_assert(!kOperationNames.back().empty(), "a new operation needs its name");

// "rolling-update", "scale-down", ...; empty for none.
std::string name_of(const Operation& operation);

// A leader that has been asked to hand over, and to whom.
struct LeaderMove {
  std::string from;  // pods
  std::string to;
  Timestamp asked;

  friend bool operator==(const LeaderMove&, const LeaderMove&) = default;
};

// One of Patroni's members, as its REST API told.
struct MemberSeen {
  std::string role;                 // "leader", "replica", "sync_standby"
  std::string state;                // "running", "streaming", ...
  std::optional<std::int64_t> lag;  // bytes behind; nothing for the leader and where it is unknown

  friend bool operator==(const MemberSeen&, const MemberSeen&) = default;
};

// Whether it has every commit that a client was told of. Patroni lets no other lead in its
// synchronous mode.
bool is_synchronous(const MemberSeen& member);

struct MembersSeen {
  Timestamp at;
  std::map<std::string, MemberSeen> members;  // by pod

  friend bool operator==(const MembersSeen&, const MembersSeen&) = default;
};

// An instance that is no longer wanted. Its volumes are kept for a while and used again when its
// set grows.
struct Retired {
  std::string set;
  Timestamp since;
  Message reason;

  friend bool operator==(const Retired&, const Retired&) = default;
};

}  // namespace annals::fsm
