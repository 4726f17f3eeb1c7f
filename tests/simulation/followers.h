// Followers: what the clusters of a site that follow another one have of its WAL, what their
// leaders say of it and of their source, and what a promotion gives them. The other one may be in
// another site. Accuses the operator of a promotion that it had no right to.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/clock.h"
#include "fsm/model/intent.h"
#include "tests/simulation/api_server.h"
#include "tests/simulation/database.h"
#include "tests/simulation/network.h"
#include "tests/simulation/writers.h"

namespace annals::simulation {

struct World;

class Followers {
 public:
  explicit Followers(World& world) : world_(world) {}
  Followers(const Followers&) = delete;
  Followers& operator=(const Followers&) = delete;

  // From here on nobody in this cluster reaches another one, or does again.
  void cut(const std::string& name, bool is_cut);
  // From here on this cluster replays a little with each look at it.
  void slow_down(const std::string& name) { slow_.insert(name); }
  // The cluster of that name has ended cleanly, as it is now, and says so in its repository; or it
  // takes that back.
  void leave_receipt(const std::string& name, bool withdrawn);
  // Operators wait for a person where nobody knows what a source does.
  void guard() { is_guarded_ = true; }
  bool is_guarded() const { return is_guarded_; }

  // What the leader of this cluster says, which follows `followed`.
  fsm::StandbyAnswer look(const Object& cluster, const std::string& followed,
                          const fsm::ReadStandby& question);
  // What is told in a pod of this cluster by one that it does not follow.
  fsm::StandbyAnswer ask_other(const Object& cluster, const fsm::ReadStandby& question);
  // What a member of this cluster hears of it now.
  fsm::SourceAnswer hear_of(const Object& cluster, const std::string& host) const;
  // That one takes writes on a later timeline.
  bool is_ahead(const Object& cluster, const std::string& host) const;
  // It is to lead, and another one takes writes: a person has to say which of them.
  bool is_at_odds(const Object& cluster) const;
  // It is promoted: it has what it has received.
  void promote(const Object& cluster, const std::string& followed);
  // It was a primary, and is to follow another one from here on.
  void demote(const Object& cluster, bool may_rewind);
  void let_rewind(const Object& cluster, bool may_rewind) {
    const auto follower = followers_.find(cluster.uid);
    if (follower != followers_.end()) follower->second.may_rewind = may_rewind;
  }
  TimelineId timeline_of(const std::string& uid) const;
  // Of the database that the cluster has, whoever made it.
  std::string system_of(const std::string& uid) const;

 private:
  struct Follower {
    Lsn received = 0;
    Lsn replayed = 0;
    TimelineId timeline = 0;
    bool may_rewind = true;
    std::optional<fsm::SourceState> told{};  // of its source, last
    Timestamp told_since{};
    std::string promotion{};                // for which it was asked last
    std::optional<Timestamp> wrote_at{};    // by what it was told for that one
    std::optional<fsm::Receipt> receipt{};  // that it was told of last
  };

  void claim(const Object& cluster, const fsm::ReadStandby& question);
  Snapshot store_of(const Object& cluster) const;
  Place source_of(const std::string& followed) const;
  bool follows(const Object& cluster, const Object& other) const;
  void stream(const Object& cluster, Follower& follower, const Place& source);
  void join(const Object& cluster, Follower& follower, const Database& database);
  fsm::ReceiptAnswer receipt_for(const Object& cluster, const Place& source,
                                 const std::string& repo) const;
  bool streams_from(const Object& cluster, const Place& source) const;
  fsm::SourceAnswer answer_of(const Object& cluster, const Place& source,
                              const std::string& host) const;
  Follower& advance(const Object& cluster, const std::string& followed, const Place& source);
  bool is_forced(const Object& cluster) const;
  bool is_proven(const Object& cluster, const Follower& follower) const;
  void check(const Object& cluster, const std::string& followed, const Follower& follower);
  Right right_to_promote(const Object& cluster, const Place& source,
                         const Follower& follower) const;
  TimelineId next_timeline(const Object& cluster, const Place& source, TimelineId parent) const;

  World& world_;
  std::map<std::string, Follower> followers_;     // by the UID of their cluster
  std::map<std::string, std::string> systems_;    // likewise: of those that have copied one
  std::map<std::string, std::string> used_;       // likewise: the consent that was made use of last
  std::map<std::string, fsm::Receipt> receipts_;  // by the UID of the source
  std::set<std::string> claims_;                  // likewise: of those that are asked to lead
  std::set<std::string> cut_;                     // names of clusters
  std::set<std::string> slow_;
  bool is_guarded_ = false;
};

}  // namespace annals::simulation
