// Network: what lies between sites. A site is a World: a Kubernetes with an operator of its own.
// What one cluster asks of another one, and the WAL that it streams, comes by here. A repository in
// an object store is a third place: a site that sees no other site may see it, and the other way
// round.
#pragma once

#include <string>
#include <vector>

#include "tests/simulation/api_server.h"
#include "tests/simulation/random.h"

namespace annals::simulation {

struct World;

// An object, and the site that it is in; both null where there is none.
struct Place {
  World* site = nullptr;
  Snapshot object;

  explicit operator bool() const { return object != nullptr; }
};

class Network {
 public:
  Network(const Schedule& schedule, Random random) : schedule_(schedule), random_(random) {}
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  void add(World& site) { sites_.push_back(&site); }
  const std::vector<World*>& sites() const { return sites_; }
  // The cluster of that name, in whichever site. A host or a manifest names it, and nothing else
  // of the other site.
  Place find(const std::string& name) const;

  // From here on no site sees another one, or does again: by a fault, and by people, who join it
  // themselves.
  void split(bool is_split) { is_split_ = is_split; }
  void cut(bool is_cut) { is_cut_ = is_cut; }
  // From here on answers of the other site take seconds.
  void slow_down(bool is_slow) { is_slow_ = is_slow; }
  // From here on every third question or so gets no answer.
  void lose_questions(bool is_losing) { is_losing_ = is_losing; }
  void heal() { is_split_ = is_slow_ = is_losing_ = false; }

  // Whether a connection between them stands.
  bool connects(const World& one, const World& other) const {
    return &one == &other || !(is_split_ || is_cut_);
  }
  // Whether a question that is asked now is answered.
  bool answers(const World& asking, const World& other) const;
  // How long one takes beside what it takes within a site: of those that go to another one.
  Duration delay();

 private:
  const Schedule& schedule_;
  Random random_;
  std::vector<World*> sites_;
  bool is_split_ = false;
  bool is_cut_ = false;
  bool is_slow_ = false;
  bool is_losing_ = false;
};

}  // namespace annals::simulation
