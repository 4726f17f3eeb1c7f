// Observed: all that the builders need to know beyond the specification. Filled in by the caller
// from facts; a builder asks for nothing else, so equal inputs give equal objects.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "spec/opaque.h"

namespace annals::manifests {

// One instance that should exist. Its name is chosen once, when the set needs another instance.
struct Instance {
  std::string name;     // {cluster}-{set}-{4 characters}
  bool running = true;  // false: its volumes stay and it has no pod

  friend bool operator==(const Instance&, const Instance&) = default;
};

// What is learnt while a cluster comes up. Few objects are made from each; the fields of
// BootstrapState, by name.
enum class BootstrapInput : std::uint8_t { kNone, kBootstrapped, kLeaderAddress, kBackup };

struct BootstrapState {
  // Patroni has stored its `initialize` key and its configuration: there is a database, and members
  // start without being told how.
  bool bootstrapped = false;
  // Patroni goes on leading without its store while all members agree, where the specification does
  // not say: clusters that are made now do, those that are older keep what they have. It is of the
  // same input, since the store says it with its configuration.
  bool failsafe = true;
  // A database that was restored lies where the bootstrap takes it from, on the volume of the one
  // instance that starts; it is of the same input. Until it is bootstrapped nobody makes a new one.
  bool restored = false;
  // Of the Service {cluster}-ha; empty until the API server gave one.
  std::string leader_cluster_ip;
  // The first backup is complete: replicas can be made from it, and the schedules begin.
  bool replica_create_backup_complete = false;

  friend bool operator==(const BootstrapState&, const BootstrapState&) = default;
};

// A repository that is none of the cluster's own, whose backups its data is restored from.
struct CloneSource {
  std::string name_space;
  std::string cluster;           // whose repository host is asked; empty: none is
  std::string conf;              // of pgBackRest
  spec::Opaque configuration{};  // the user's files for it: projections, of objects there

  friend bool operator==(const CloneSource&, const CloneSource&) = default;
};

// A volume claim that was there before the cluster, instead of one that it would have made.
struct AdoptedClaim {
  std::string name;
  std::string uid;     // no other one of that name is meant
  bool fresh = false;  // labels of PGO v4 are taken from it

  friend bool operator==(const AdoptedClaim&, const AdoptedClaim&) = default;
};

// Pods of backups do not exclude each other.
inline constexpr const char* kNoTopology = "none";

struct Observed {
  std::string uid;  // of the PostgresCluster; owner of all that is built
  // By the name of the set, in the order they were made. Sets of the specification only.
  std::map<std::string, std::vector<Instance>> instances;
  // By the names of PGO's environment, RELATED_IMAGE_POSTGRES_15 and so on. The specification wins.
  std::map<std::string, std::string> images;
  std::string cluster_domain = "cluster.local";  // without the final dot, as certificates want it
  // policy/v1beta1 before Kubernetes 1.21; the fields are the same.
  std::string disruption_budget_api = "policy/v1";
  std::string cron_job_api = "batch/v1";  // batch/v1beta1 before 1.21
  // Patroni keeps its state in ConfigMaps instead of Endpoints.
  bool config_maps = false;
  bool openshift = false;  // what the API server has; spec.openshift wins
  BootstrapState bootstrap_state;
  // The repository host has something to do: any instance runs.
  bool repo_host_running = true;
  // What volume claims ask for by now, by their names: "2Gi".
  std::map<std::string, std::string> requested{};
  // While data is restored from it.
  std::optional<CloneSource> source{};
  // A repository in an object store has to be read, and no instance can be asked.
  bool reads_repository = false;
  // By the names of those that the cluster would have made.
  std::map<std::string, AdoptedClaim> adopted{};
  // A volume's content is being moved: the repository host does not start yet.
  bool repository_moves = false;
  // A label that all nodes share, or kNoTopology; empty: the operating system's.
  std::string backup_topology_key{};
  // Scheduled backups are suspended for a time. Where they have not begun yet there are none.
  bool schedules_rest = false;
  // Those to these repositories alone are.
  std::set<std::string> repositories_without_stanza{};
  // Those whose stanza could not be made so far. WAL for them only holds up what the others get.
  std::set<std::string> stanzas_failed{};
  // Those at a place that is another cluster's. Nothing may reach it.
  std::set<std::string> withheld_repositories{};
  // How repositories with a stanza are encrypted, where the specification says otherwise by now.
  std::map<std::string, std::string> ciphers_before{};
  // The repository that replicas are made from; empty: the first one.
  std::string replica_repo{};
  // A standby is asked for, and the cluster has a primary of its own: it keeps that.
  bool keeps_primary = false;
  // Patroni's members ask the cluster that spec.standby names whether it leads, before one of them
  // becomes the primary.
  bool asks_before_it_leads = false;
  // It follows another cluster, and nobody gave up what it wrote on this timeline: Patroni rewinds
  // nothing. 0: it may.
  std::int64_t kept_timeline = 0;

  friend bool operator==(const Observed&, const Observed&) = default;
};

}  // namespace annals::manifests
