// What a cluster could leave behind on the computer that carried it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

namespace annals::e2e {

/// Processes, mounts, links, addresses, routes, namespaces, iptables rules, cgroups and sysctls,
/// each as sorted lines. Two traces are equal when nothing of a cluster is left.
std::map<std::string, std::string> take_trace();

}  // namespace annals::e2e
