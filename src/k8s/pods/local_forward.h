// LocalForward: a port of this computer's loopback that leads to a port inside of a pod, through
// the API server (kubectl port-forward does the same), for libraries that need an address to call.
// One connection at a time; whoever calls it has to prove who he is to the pod, as on any network.
// Belongs to the loop's thread. Destroying it ends what it carries; `client` outlives it and the
// loop's next turn.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "k8s/client/client.h"
#include "k8s/task_scope.h"

namespace annals::k8s {

class LocalForward {
 public:
  // kUnavailable when there is no port left. That the pod is not there, or that nobody listens in
  // it, ends the connection of who calls.
  static Result<std::unique_ptr<LocalForward>> listen(Client& client, ObjectName pod,
                                                      std::uint16_t port);

  static constexpr const char* kAddress = "127.0.0.1";
  std::uint16_t port() const { return port_; }
  // Why the last connection ended early; empty when it did not.
  const std::string& trouble() const { return *trouble_; }

 private:
  LocalForward(Client& client, std::uint16_t port);

  std::uint16_t port_;
  std::shared_ptr<std::string> trouble_ = std::make_shared<std::string>();
  TaskScope tasks_;
};

}  // namespace annals::k8s
