// What a restore Job needs to read a repository that is none of the cluster's own: pgBackRest's
// configuration, the user's files for it with the keys of object stores, and, where a repository
// host is asked, a copy of the client certificate that lets in there. Objects of another namespace
// come as copies. All of it is there only while a clone is restored, and nothing else of the new
// cluster uses it: its archive goes to its own repositories.
#pragma once

#include <string>
#include <vector>

#include "manifests/json.h"
#include "manifests/observed.h"
#include "manifests/secrets/secrets.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

// Of a source with backups; `cluster_domain` as in Observed.
CloneSource clone_source(const spec::PostgresCluster& source, const std::string& cluster_domain);
// Of backups in an object store that no cluster is named for.
CloneSource clone_source(const spec::PostgresCluster& cluster, const spec::StoredBackups& backups);

// These need Observed::source.
// ConfigMap {c}-pgbackrest-source.
Json clone_source_config_map(const spec::PostgresCluster& cluster, const Observed& observed);
// Secret {c}-pgbackrest-source, where a repository host is asked, and of what the user projects
// from another namespace {c}-pgbackrest-source-{n}, counted from 0. A ConfigMap becomes a Secret
// too, since its content is not to be recorded either.
std::vector<CopiedSecret> clone_source_secrets(const spec::PostgresCluster& cluster,
                                               const Observed& observed);

// The projected volume for /etc/pgbackrest/conf.d with all of it.
Json clone_source_volume(const spec::PostgresCluster& cluster, const Observed& observed);

}  // namespace annals::manifests
