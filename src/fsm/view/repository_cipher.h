// How a repository is encrypted: pgBackRest cannot change that once its stanza is there.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "fsm/model/state.h"
#include "spec/postgres_cluster.h"

namespace annals::fsm {

// By `global`; a file of a user may say more.
std::string cipher_of(const spec::PostgresCluster& cluster, const std::string& repo);

// Of repositories whose stanza was made with another one, by name.
std::map<std::string, std::string> ciphers_before(const ClusterState& state,
                                                  const spec::PostgresCluster& cluster);

// Field, value and remedy of each of them.
std::vector<Message> changed_ciphers(const spec::PostgresCluster& cluster,
                                     const std::map<std::string, std::string>& before);

}  // namespace annals::fsm
