// A port of a pod on this computer, by kubectl. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "support/shell.h"

namespace annals::e2e {

/// Open as long as this lives. It begins when a process in the pod listens: the kubelet connects
/// only when somebody has come, and refuses him when nobody listens then.
class PortForward {
 public:
  /// `pod` as kubectl names it, such as "pod/client", with a container that has bash.
  PortForward(const std::string& name_space, const std::string& pod, const std::string& container,
              int pod_port);

  /// On 127.0.0.1; one that was free.
  [[nodiscard]] const std::string& port() const { return port_; }
  [[nodiscard]] std::string printed() const { return forward_->printed(); }

 private:
  std::unique_ptr<Background> forward_;
  std::string port_;
};

}  // namespace annals::e2e
