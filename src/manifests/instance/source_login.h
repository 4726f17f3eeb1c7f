// A standby of a server that no operator runs: its pods log in there by a password, and trust the
// issuer of that server's certificate besides the cluster's own. They do while the annotation is
// there, also once the cluster is promoted, since pods without it are other pods.
#pragma once

#include <string>

#include "manifests/containers.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

// A Secret that is not there yet, or any more, holds up no pod.
Json source_login_volume(const spec::PostgresCluster& cluster);
Json source_login_mount();
// Tells libpq where the password is, in every program of the container.
Json source_login_variable();

// Bash: a function copy_source, that makes of the mounted files those that libpq reads. After the
// copy of the cluster's own certificates.
extern const char* const kCopySourceLogin;

}  // namespace annals::manifests
