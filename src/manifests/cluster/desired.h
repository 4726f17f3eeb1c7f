// The desired set: every object that should exist for a cluster, in the order in which to make
// them. Pure: equal specifications and observations give equal sets, byte for byte.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "manifests/observed.h"
#include "manifests/secrets/secrets.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

// What must exist before what. Objects of one rank do not depend on each other. What the pods of
// instances need comes first, and with as few ranks as there are dependencies: each costs a new
// cluster an answer of the API server and two of the disk.
enum class Rank : std::uint8_t {
  kGround,     // what is made of nothing else: authority, accounts, roles, Services, claims
  kBound,      // certificates, which the authority signs; bindings, which Kubernetes refuses
               // before their roles exist
  kWorkload,   // the instances' StatefulSets
  kRest,       // what no pod of an instance waits for
  kRestBound,  // what is bound to that; the repository's host
  kPolicy,     // disruption budgets, schedules of backups
};

struct ObjectName {
  std::string api_version;
  std::string kind;
  std::string namespace_name;
  std::string name;

  friend auto operator<=>(const ObjectName&, const ObjectName&) = default;
};

std::string to_string(const ObjectName& name);  // "v1/Secret ns/hippo-pguser-hippo"

// A complete object for server-side apply, as canonical JSON.
struct Manifest {
  std::string json;

  friend bool operator==(const Manifest&, const Manifest&) = default;
};

struct Desired {
  ObjectName object;
  Rank rank;
  BootstrapInput
      bootstrap_input;  // what it is made from beyond specification and the rest of Observed
  std::variant<Manifest, SecretRecipe> content;

  friend bool operator==(const Desired&, const Desired&) = default;
};

// Ordered by rank, then by bootstrap input, then as in this folder; no object twice. Needs a
// specification without mistakes. Objects that wait for an observation are left out until it is
// there: the Endpoints of the primary until its Service has an address, StatefulSets while an image
// is missing (see missing_images).
std::vector<Desired> desired_objects(const spec::PostgresCluster& cluster,
                                     const Observed& observed);

// Those of them that one input makes, in the same order: no other object changes when what was
// learnt of it does.
std::vector<Desired> objects_of(BootstrapInput bootstrap_input,
                                const spec::PostgresCluster& cluster, const Observed& observed);

// The inputs in which the two differ.
std::vector<BootstrapInput> inputs_between(const BootstrapState& before,
                                           const BootstrapState& after);

}  // namespace annals::manifests
