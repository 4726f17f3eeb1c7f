// World: all that is outside of the operator in one site, in virtual time: the API server and its
// controllers, PostgreSQL, the lease, the fault state. Time, the network between sites, and the
// book of what was seen to be wrong are common to all sites.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/id.h"
#include "fsm/model/receipt.h"
#include "tests/simulation/api_server.h"
#include "tests/simulation/book.h"
#include "tests/simulation/controllers.h"
#include "tests/simulation/database.h"
#include "tests/simulation/fault_state.h"
#include "tests/simulation/followers.h"
#include "tests/simulation/network.h"
#include "tests/simulation/random.h"
#include "tests/simulation/restores.h"
#include "tests/simulation/schedule.h"
#include "tests/simulation/stanza_checks.h"
#include "tests/simulation/writers.h"

namespace annals::simulation {

// Who may write. Each change of the holder raises the epoch.
struct Lease {
  std::string holder;
  Epoch epoch;
  // The last sign of its holder; none while it lives and renews.
  std::optional<Timestamp> last_renewal;
  std::vector<std::function<void()>> waiting;  // told when the holder gives no sign any more
};

// What all sites have in common.
struct Common {
  explicit Common(Random random) : network(schedule, random), writers(*this) {}
  Common(const Common&) = delete;
  Common& operator=(const Common&) = delete;

  Schedule schedule;
  Book book;
  Network network;
  Writers writers;
};

struct World {
  World(Common& common, Random random)
      : schedule(common.schedule),
        book(common.book),
        network(common.network),
        writers(common.writers),
        server(schedule),
        controllers(schedule, server, fault_state, random.fork()),
        followers(*this),
        stanza_checks(*this),
        restores(*this, random.fork()) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  void accuse(std::string rule, std::string what) { book.accuse(std::move(rule), std::move(what)); }
  // A line of the timeline; kept only when somebody reads it.
  template <class... Parts>
  void note(const Parts&... parts) {
    if (book.verbose) book.notes.emplace_back(schedule.now(), concat(parts...));
  }

  Schedule& schedule;
  Book& book;
  Network& network;
  Writers& writers;
  FaultState fault_state;
  ApiServer server;
  Controllers controllers;
  Databases databases;
  RepositoryTrouble repository;
  std::map<std::string, std::string> clone_sources;  // by UIDs: whose backups were looked at last
  // What lies in repositories in object stores: by the UIDs of clusters, by repository.
  std::map<std::string, std::map<std::string, fsm::Receipt>> receipts;
  std::set<std::string> forgotten_receipts;  // of which clusters nobody knows whether there are any
  Lease lease;

  // Whoever starts next is told of the past first.
  bool next_lists_are_behind = false;

  std::uint64_t materials = 0;         // made so far: keys, passwords
  std::map<std::string, int> writes;   // by the operator, by target, that changed something
  std::map<std::string, int> backups;  // Jobs that were made, by the request that they answer
  std::map<std::string, int> external_edits;  // by somebody else, by target ("Service/hippo-ha")
  std::set<std::string> events;               // that people were told, by their names
  std::set<std::string> told;                 // likewise, by cluster and reason: "hippo Created"
  std::set<std::string> interrupted;  // pods that were ended by somebody else than the operator

  bool undisturbed = false;  // no fault is planned

  Followers followers;
  StanzaChecks stanza_checks;
  Restores restores;  // the last one: it looks at all of the others
};

}  // namespace annals::simulation
