// The desired set: all objects that should exist because of the spec, compared with those that do.
// Self-healing is nothing special: what is missing or different is written, whoever removed or
// changed it.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "fsm/step_builder.h"
#include "manifests/observed.h"
#include "manifests/secrets.h"
#include "spec/postgres_cluster.h"

namespace annals::fsm {

// One object that should exist. Those of a lower rank come first: nothing is written before all of
// the ranks below it are in place.
struct Wanted {
  ObjectRef ref;
  std::string target;  // of what writes it
  int rank = 0;
  std::string digest;  // of what is asked for
  std::variant<std::string, manifests::SecretRecipe>
      content;  // manifest as JSON text, or what a Secret must hold
};

// A volume that is larger than the spec asks for.
struct KeptSize {
  std::string claim;
  std::string kept;
  std::string asked;
};

// What follows from spec, configuration and the few observed values that manifests contain.
struct Rendered {
  std::vector<std::string> mistakes;      // of the spec; then all else is empty
  std::vector<std::string> not_acted_on;  // fields that are accepted and not yet used
  std::vector<Wanted> wanted;             // by rank
  RunSql sql;
  std::string patroni;  // what Patroni's members share, as JSON
  std::string patroni_digest;
  std::string repositories;  // digest of those that pgBackRest has; empty: no backups
  std::vector<KeptSize> kept_sizes;
  std::vector<std::pair<std::string, int>> sets;  // instance sets and their replicas
  std::string image;                              // of the database container

  // What all of that was made from, and nothing else; the cluster is what the text says.
  std::string resource;
  spec::PostgresCluster cluster;
  manifests::Observed world;
};

// Made once and kept until an input changes.
const Rendered& rendered(ClusterState& state);

// Exists as asked for, and nobody has changed it since.
bool in_place(const ClusterState& state, const Wanted& wanted);

// The first one that is not; null when all are.
const Wanted* first_not_in_place(ClusterState& state);

void ask_desired_set(StepBuilder& builder);

}  // namespace annals::fsm
