// Executor: carries out an intent and says how it ended. It decides nothing: what a failure means,
// and when to try again, is the machines' business. Belongs to the loop's thread.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "actions/cluster_identity.h"
#include "actions/joint_writes.h"
#include "actions/off_loop.h"
#include "actions/pod_resolver.h"
#include "actions/recollection.h"
#include "base/clock.h"
#include "fsm/model/intent.h"
#include "k8s/client/client.h"

namespace annals::actions {

class Executor {
 public:
  // All outlive this.
  Executor(k8s::Client& client, const Clock& clock, PodResolver& resolver)
      : client_(client), clock_(clock), resolver_(resolver) {}
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  virtual ~Executor() = default;

  virtual boost::asio::awaitable<fsm::Outcome> run(fsm::Intent intent, ClusterIdentity cluster);

 private:
  k8s::Client& client_;
  const Clock& clock_;
  PodResolver& resolver_;
  JointWrites joint_writes_;
  Recollection recollection_;
  OffLoop off_loop_;
};

}  // namespace annals::actions
