// What a spec is rendered to: every object that should exist, and what else the machines ask of it.
// Made once and kept until an input changes (README.md).
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "fsm/model/state.h"
#include "fsm/view/repository_stanzas.h"
#include "manifests/observed.h"
#include "manifests/secrets/secrets.h"
#include "spec/postgres_cluster.h"

namespace annals::fsm {

// One object that should exist. Those of a lower rank come first: nothing is written before all of
// the ranks below it are in place.
struct Wanted {
  ObjectRef ref;
  std::string target;  // of what writes it
  int rank = 0;
  manifests::BootstrapInput bootstrap_input = manifests::BootstrapInput::kNone;
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
  std::vector<Message> mistakes;                      // of the spec; then all else is empty
  std::vector<Message> doubts;                        // of the spec, which is acted on as it stands
  std::vector<std::string> options_of_some_versions;  // of pgBackRest, in spec...global
  std::vector<std::string> block_repositories;        // that ask for block incrementals
  std::vector<std::string> not_acted_on;              // fields that are accepted and not yet used
  std::vector<Wanted> wanted;                         // by rank
  RunSql sql;
  std::string patroni;  // what Patroni's members share, as JSON
  std::string patroni_digest;
  std::string repositories;             // digest of those that pgBackRest has; empty: no backups
  std::vector<RepositoryPlace> places;  // where they lie
  std::vector<KeptSize> kept_sizes;
  std::vector<std::pair<std::string, int>> sets;  // instance sets and their replicas

  // What all of that was made from, and nothing else; the cluster is what the text says.
  std::string resource;
  spec::PostgresCluster cluster;
  manifests::Observed world;
};

// Made once and kept until an input changes.
const Rendered& rendered(ClusterState& state);

// All mistakes of the spec, each with its remedy; empty when there is none.
std::vector<Message> mistakes_of(ClusterState& state);

}  // namespace annals::fsm
