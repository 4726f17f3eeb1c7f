#include "tests/simulation/network.h"

#include <chrono>

#include "tests/simulation/world.h"

namespace annals::simulation {

using namespace std::chrono_literals;

namespace {

// Those that are asked in one such span share their fate: two looks at one moment see the same.
constexpr Duration kOfOneFate = 700ms;

}  // namespace

Place Network::find(const std::string& name) const {
  for (World* site : sites_) {
    Snapshot cluster = site->server.find({"PostgresCluster", "ns", name});
    if (cluster != nullptr) return {.site = site, .object = std::move(cluster)};
  }
  return {};
}

bool Network::answers(const World& asking, const World& other) const {
  const bool is_lost = is_losing_ && schedule_.steady() / kOfOneFate % 3 == 0;
  return &asking == &other || (connects(asking, other) && !is_lost);
}

// Where nothing comes back whoever asks waits until he gives up.
Duration Network::delay() {
  if (sites_.size() < 2) return {};
  if (is_split_ || is_cut_) return random_.between(3s, 10s);
  return is_slow_ ? random_.between(1s, 18s) : Duration();
}

}  // namespace annals::simulation
