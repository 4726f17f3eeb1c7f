// Whether a cluster follows another one instead of having a primary of its own. Once there is a
// database, Patroni's own configuration says so: a cluster that takes writes is made no standby by
// a change of the spec, since Patroni would throw away what it has written.
#pragma once

#include <cstdint>

#include "fsm/model/state.h"
#include "spec/postgres_cluster.h"

namespace annals::fsm {

// It follows another one, or is to from its first moment on.
bool follows_another(ClusterState& state);
// The same of one whose spec is known otherwise.
bool follows_another(const ClusterState& state, const spec::PostgresCluster& cluster);

// By Patroni's configuration it follows another one.
bool is_configured_standby(const ClusterState& state);

// The spec asks for a standby, and the cluster has a primary of its own: it keeps that.
bool keeps_primary(const ClusterState& state, const spec::PostgresCluster& cluster);

// It became a standby without consent, and Patroni does not rewind what it wrote on this timeline,
// until it is on a later one, or somebody gives it up. 0: there is none. Patroni's configuration
// remembers it.
std::int64_t kept_timeline(const ClusterState& state, const spec::PostgresCluster& cluster);

// The annotation names this timeline.
bool is_given_up(const spec::PostgresCluster& cluster, std::int64_t timeline);

// It follows another one, and is to by the spec no more.
bool is_promotion_asked(ClusterState& state);

// The same, until its users are written.
bool is_being_promoted(ClusterState& state);

// "hippo-primary.ns.svc:5432 and repository repo1"; empty where Patroni's configuration alone says
// it.
Message followed_by(const spec::PostgresCluster& cluster);

}  // namespace annals::fsm
