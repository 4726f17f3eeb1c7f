// The clusters of these tests: the smallest, a usual one, and one that uses everything.
#pragma once

#include <ostream>
#include <string>

#include "manifests/json.h"
#include "manifests/observed.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

// A cluster without mistakes, from the JSON text of its spec.
spec::PostgresCluster cluster_of(const std::string& name, const std::string& spec_json);

spec::PostgresCluster hippo();
Observed observed_hippo();

spec::PostgresCluster two_sets();
Observed observed_two_sets();

// A cluster that follows another one, by its repository repo2 and by streaming.
spec::PostgresCluster standby();

spec::PostgresCluster custom();
Observed observed_custom();

// How GoogleTest shows a value.
inline void PrintTo(const Json& json, std::ostream* out) { *out << json.dump(); }

}  // namespace annals::manifests
