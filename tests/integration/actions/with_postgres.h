// WithPostgres: a fixture with a real PostgreSQL, and an API server that has one Secret to give, of
// the authority that signs for both ends. What actions on databases need.
#pragma once

#include <string>

#include "tests/integration/actions/peer_api.h"
#include "tests/integration/k8s/support/loop.h"
#include "tests/integration/k8s/support/raw_server.h"
#include "tests/integration/postgres/postgres_server.h"

namespace annals::actions {

class WithPostgres : public k8s::LoopTest {
 protected:
  WithPostgres();

  // The first column of each row as the superuser sees it; empty for none.
  std::string ask(const std::string& sql);
  // HTTP, of the Secret.
  const std::string& answer_of_api() const { return answer_; }

  postgres::PostgresServer server_;

 private:
  std::string answer_;
  k8s::RawServer api_;
  PeerApi peer_;

 protected:
  const ActionContext& context_ = peer_.context();
};

}  // namespace annals::actions
