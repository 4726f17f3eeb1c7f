// SPDX-License-Identifier: Apache-2.0
#include "support/port_forward.h"

#include <unistd.h>

#include <chrono>

#include "support/await.h"

namespace annals::e2e {
namespace {

using namespace std::chrono_literals;

// kubectl's line is "Forwarding from 127.0.0.1:40123 -> 5432".
std::string port_in(const std::string& printed) {
  constexpr std::string_view kBefore = "Forwarding from 127.0.0.1:";
  const std::size_t at = printed.find(kBefore);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + kBefore.size();
  return printed.substr(begin, printed.find(' ', begin) - begin);
}

}  // namespace

PortForward::PortForward(const std::string& name_space, const std::string& pod,
                         const std::string& container, int pod_port) {
  const std::string in_the_namespace = "$KUBECTL --namespace " + name_space + " ";
  const std::string port = std::to_string(pod_port);
  await(
      "somebody who listens on port " + port + " of " + pod, 60s,
      [&] {
        return must(in_the_namespace + "exec " + pod + " -c " + container +
                    " -- timeout 5 bash -c '</dev/tcp/127.0.0.1/" + port + "' && echo listens");
      },
      "listens");
  forward_ =
      std::make_unique<Background>("exec " + in_the_namespace + "port-forward " + pod + " :" + port,
                                   "/tmp/annals-e2e-forward-" + std::to_string(getpid()) + ".log");
  await(
      "kubectl's port for " + pod, 30s, [&] { return forward_->printed(); },
      testing::HasSubstr("Forwarding from 127.0.0.1:"));
  port_ = port_in(forward_->printed());
}

}  // namespace annals::e2e
