// Writers: which clusters take writes, in all sites, and by which right. Of one database at most
// one does at any moment, on whatever timeline, and no row that somebody was told to be written is
// missing at the end: unless a person has consented, or the operator's default has allowed it.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "tests/simulation/api_server.h"
#include "tests/simulation/database.h"

namespace annals::simulation {

struct Common;
struct World;

// By which a standby is promoted.
enum class Right : std::uint8_t {
  kNone,
  kProof,    // its source has ended, or follows it
  kDefault,  // its source does not answer, and the operator is not told to wait for a person
  kConsent,  // a person has said who and why
};

// A cluster, by its UID, and where it is.
struct Resident {
  World* site = nullptr;
  std::string uid;
  std::string name;
};

class Writers {
 public:
  explicit Writers(Common& common) : common_(common) {}
  Writers(const Writers&) = delete;
  Writers& operator=(const Writers&) = delete;

  void watch(World& site);
  // Patroni was told to. It takes writes when one of its members is promoted.
  void promoted(Resident cluster, Right right);
  // It follows another one from here on.
  void demoted(const std::string& uid);
  // What it has written on this timeline beside the one that it follows is thrown away by consent.
  void gave_up(const std::string& uid, TimelineId timeline) { given_up_.emplace(uid, timeline); }
  // Somebody was told that this row is written.
  void acknowledge(const Resident& cluster, int row);
  // When everything is quiet.
  void check_end();
  // So many promotions have begun beside another primary: whether they came to that is chance.
  int splits() const;

 private:
  struct Promotion {
    Resident cluster;
    Right right = Right::kNone;
    std::string system{};
    Fork fork;
    bool has_led = false;
    bool is_split = false;  // another one took writes then
  };
  struct Row {
    int number = 0;
    std::string system;
    std::string uid;  // of the cluster that it was written to
    TimelineId timeline = 0;
    Lsn lsn = 0;
  };
  struct Term {
    Resident cluster;
    Timestamp since;
  };
  // Whom a spec names as the other cluster, and since when.
  struct Named {
    std::string host;
    Timestamp since;
  };

  void look(World& site, const Change& change);
  void note_spec(const Object& cluster);
  void end(const Term& term);
  void begin(Resident cluster);
  void judge(const Resident& cluster, const Resident& other, Promotion* promotion);
  // Why an old primary that comes back takes writes beside the new one, as far as that is a known
  // limit; false: it is none.
  bool may_return(const Resident& old, const Resident& other) const;
  Promotion* fresh_promotion(const std::string& uid);
  bool is_excused(const Row& row) const;
  void check(const Row& row) const;

  Common& common_;
  std::map<std::string, Term> terms_;         // by UID: of those that take writes
  std::map<std::string, Timestamp> ended_;    // by UID: the last term
  std::map<std::string, Named> named_;        // by UID
  std::map<std::string, Duration> told_for_;  // by UID: in its terms, with whom its spec names now
  // The first one takes writes beside the second one, as it may.
  std::set<std::pair<std::string, std::string>> allowed_;
  std::vector<Promotion> promotions_;
  std::set<std::pair<std::string, TimelineId>> given_up_;
  std::vector<Row> rows_;
};

}  // namespace annals::simulation
