// WithPostgres: a fixture with a real PostgreSQL, and an API server that has one Secret to give, of
// the authority that signs for both ends. What actions on databases need.
#pragma once

#include <string>

#include "actions/action_context.h"
#include "k8s/client/client.h"
#include "k8s/transport/transport.h"
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
  k8s::Config api_config() const;

  std::string answer_;
  k8s::RawServer api_;
  k8s::Transport transport_;
  k8s::Client client_;
  NetworkResolver resolver_;
  JointWrites joint_writes_;
  Recollection recollection_;
  OffLoop off_loop_;

 protected:
  ActionContext context_{.client = client_,
                         .clock = clock_,
                         .resolver = resolver_,
                         .joint_writes = joint_writes_,
                         .recollection = recollection_,
                         .off_loop = off_loop_};
};

}  // namespace annals::actions
