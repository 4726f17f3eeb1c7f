// SPDX-License-Identifier: Apache-2.0
#include "support/trace.h"

#include "support/shell.h"

namespace annals::e2e {

std::map<std::string, std::string> take_trace() {
  // Of the processes those that a cluster's could be: in another network namespace than this test,
  // or running a script of the cluster. All others on this computer come and go as they like.
  const std::map<std::string, std::string> looks{
      {"processes",
       "own=$(readlink /proc/self/ns/net);"
       " for p in /proc/[0-9]*; do its=$(readlink $p/ns/net) && [[ $its != \"$own\" ]] && cat "
       "$p/comm; done;"
       " pgrep --full --list-full '^bash (/[^ ]*/)?script/(cluster|kubernetes)'; true"},
      {"mounts", "grep -vE ' /tmp/|/annals/images/' /proc/mounts | sort"},  // other programs, and
                                                                            // script/images
      {"links",
       "ip -o link | sed 's/^[0-9]*: //' | sort; ip -o address | sed 's/^[0-9]*: "
       "//;s/valid_lft.*//' | sort"},
      {"routes", "ip route | sort"},
      {"namespaces",
       "lsns --noheadings --raw --output NS,TYPE | grep -E ' (net|cgroup)$' | sort; ip netns list"},
      {"iptables", "iptables-save | grep -v '^#'; ip6tables-save | grep -v '^#'; true"},
      {"cgroups", "find /sys/fs/cgroup -type d | grep -E 'annals|kubepods' | sort"},
      {"sysctls",
       "sysctl vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops "
       "kernel.keys.root_maxkeys"
       " kernel.keys.root_maxbytes net.ipv4.ip_forward net.ipv4.conf.all.forwarding 2>&1"},
      {"state",
       "ls -d /var/lib/annals-cluster /var/lib/kubelet /var/lib/cni /var/lib/containerd "
       "/run/containerd"
       " /etc/cni /var/log/pods /var/log/containers 2>/dev/null; true"},
  };
  std::map<std::string, std::string> trace;
  for (const auto& [name, look] : looks) trace[name] = must(look);
  return trace;
}

}  // namespace annals::e2e
