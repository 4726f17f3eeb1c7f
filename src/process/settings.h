// Settings: how this process was asked to run. Flags win over the environment, whose names are
// PGO's. docs/configuration.md lists both.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"

namespace annals::process {

struct Settings {
  std::string journal = "/journal";
  std::string kubeconfig;    // empty: the pod's own credentials
  std::string service_host;  // where a pod finds the API server
  std::string service_port;
  std::string name_space;                      // of the operator itself, and its lease
  std::vector<std::string> target_namespaces;  // sorted; empty: all
  std::string lease = "annals-leader";
  std::string identity;
  std::string listen = ":8081";  // empty: nothing is served
  LogFormat log_format = LogFormat::kJson;
  bool debug = false;
  bool initial_events = false;                // lists as the beginning of a watch, not in pages
  std::map<std::string, std::string> images;  // all RELATED_IMAGE_*, by their whole names
  std::string feature_gates;
  std::string clone_across_namespaces = "allow";  // or consent, deny
  std::string keep_deleted_volumes;               // "7d"; empty: they go with their cluster
  std::string backup_topology_key;                // empty: kubernetes.io/os
  std::string standby_promotion = "compatible";   // or guarded
  bool metrics_per_cluster = false;               // of repositories: labels name each cluster
  std::vector<std::string> ignored;               // set in the environment, and without effect here
};

// What the command line and the environment choose. Without settings the process is to end with
// `status`: help was asked for, or something is wrong and has been said on standard error.
struct Chosen {
  std::optional<Settings> settings;
  int status = 0;
};

// `environment` is a null-terminated list of NAME=value.
Chosen choose(int argc, const char* const* argv, const char* const* environment);

extern const char* const kVersion;

}  // namespace annals::process
