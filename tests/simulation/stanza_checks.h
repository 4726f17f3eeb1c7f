// One repository that is lost holds up no other one: accuses the operator where it tries the lost
// one again and again, and has not begun with the others. And of two clusters at one place only the
// one that came there first makes its stanza.
#pragma once

#include <map>
#include <set>
#include <string>

#include "tests/simulation/api_server.h"

namespace annals::simulation {

struct World;

class StanzaChecks {
 public:
  explicit StanzaChecks(World& world);
  StanzaChecks(const StanzaChecks&) = delete;
  StanzaChecks& operator=(const StanzaChecks&) = delete;

 private:
  struct Seen {
    std::map<std::string, std::set<std::string>> stanza_jobs;  // by repository
    std::set<std::string> stanzas;                             // repositories that have one
    bool is_backed_up = false;                                 // by a first backup, or it has begun
  };

  void look(const Change& change);
  void check(const std::string& lost, const Seen& seen);
  void check_place(const Object& job);

  World& world_;
  std::map<std::string, Seen> seen_;            // by the UID of the cluster
  std::map<std::string, std::string> holders_;  // by place: the UID of the last that made a stanza
};

}  // namespace annals::simulation
