// PeerApi: what an action needs, with a peer on this computer for its API server.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>

#include "actions/action_context.h"
#include "k8s/client/client.h"
#include "k8s/transport/transport.h"

namespace annals::actions {

class PeerApi {
 public:
  PeerApi(boost::asio::any_io_executor executor, const Clock& clock, std::uint16_t port);

  const ActionContext& context() const { return context_; }

 private:
  k8s::Transport transport_;
  k8s::Client client_;
  NetworkResolver resolver_;
  JointWrites joint_writes_;
  Recollection recollection_;
  OffLoop off_loop_;
  ActionContext context_;
};

}  // namespace annals::actions
