#include "tests/unit/manifests/clusters.h"

#include "base/assert.h"
#include "base/concat.h"

namespace annals::manifests {
namespace {

constexpr const char* kHippo = R"json({
  "postgresVersion": 15,
  "instances": [{
    "name": "instance1",
    "dataVolumeClaimSpec": {"accessModes": ["ReadWriteOnce"],
                            "resources": {"requests": {"storage": "1Gi"}}}}]
})json";

constexpr const char* kTwoSets = R"json({
  "postgresVersion": 17,
  "instances": [
    {"name": "big", "replicas": 2,
     "resources": {"requests": {"cpu": 2, "memory": "4Gi"}, "limits": {"memory": "4Gi"}},
     "dataVolumeClaimSpec": {"accessModes": ["ReadWriteOnce"],
                             "resources": {"requests": {"storage": "20Gi"}}}},
    {"replicas": 1,
     "dataVolumeClaimSpec": {"accessModes": ["ReadWriteOnce"],
                             "resources": {"requests": {"storage": "20Gi"}}},
     "walVolumeClaimSpec": {"accessModes": ["ReadWriteOnce"],
                            "resources": {"requests": {"storage": "2Gi"}}}}],
  "users": [{"name": "rhino", "databases": ["zoo", "safari"], "options": "CREATEROLE"},
            {"name": "reader"},
            {"name": "postgres"}],
  "replicaService": {"type": "NodePort"},
  "backups": {"pgbackrest": {
    "repos": [{"name": "repo1", "schedules": {"full": "0 1 * * 0"},
               "volume": {"volumeClaimSpec": {"accessModes": ["ReadWriteOnce"],
                          "resources": {"requests": {"storage": "40Gi"}}}}}]}}
})json";

constexpr const char* kStandby = R"json({
  "postgresVersion": 15,
  "instances": [{
    "name": "instance1",
    "dataVolumeClaimSpec": {"accessModes": ["ReadWriteOnce"],
                            "resources": {"requests": {"storage": "1Gi"}}}}],
  "customTLSSecret": {"name": "shared-tls"},
  "customReplicationTLSSecret": {"name": "shared-replication-tls"},
  "standby": {"host": "rhino-primary.other.svc", "port": 5432, "repoName": "repo2"},
  "backups": {"pgbackrest": {
    "repos": [{"name": "repo1", "schedules": {"full": "0 1 * * 0"},
               "volume": {"volumeClaimSpec": {"accessModes": ["ReadWriteOnce"],
                          "resources": {"requests": {"storage": "1Gi"}}}}},
              {"name": "repo2",
               "s3": {"bucket": "b", "endpoint": "s3.example.com", "region": "r"}}]}}
})json";

constexpr const char* kCustom = R"json({
  "metadata": {"labels": {"team": "zoo"}, "annotations": {"note": "from the spec"}},
  "postgresVersion": 16,
  "image": "registry.example.com/postgres:16",
  "imagePullPolicy": "Always",
  "imagePullSecrets": [{"name": "registry"}],
  "port": 5433,
  "supplementalGroups": [65534],
  "openshift": true,
  "disableDefaultPodScheduling": true,
  "customTLSSecret": {"name": "my-tls"},
  "customReplicationTLSSecret": {"name": "my-replication-tls",
    "items": [{"key": "cert", "path": "tls.crt"}, {"key": "key", "path": "tls.key"},
              {"key": "ca", "path": "ca.crt"}]},
  "service": {"type": "LoadBalancer", "nodePort": 30432, "externalTrafficPolicy": "Local",
              "internalTrafficPolicy": "Cluster", "ipFamilyPolicy": "PreferDualStack",
              "ipFamilies": ["IPv4", "IPv6"],
              "metadata": {"labels": {"exposed": "yes"}, "annotations": {"lb": "internal"}}},
  "config": {"files": [{"secret": {"name": "krb5"}}],
             "parameters": {"max_connections": 250, "shared_preload_libraries": "timescaledb, citus"}},
  "authentication": {"rules": [
    {"connection": "hostssl", "databases": ["zoo"], "users": ["rhino", "a\"b"], "method": "cert"},
    {"connection": "local", "method": "password"},
    {"hba": "hostnossl all all 10.0.0.0/8 reject"},
    {"connection": "hostssl", "method": "ldap", "options": {"ldapbasedn": "dc=zoo", "ldapport": 389}}]},
  "patroni": {"leaderLeaseDurationSeconds": 60, "syncPeriodSeconds": 5, "port": 8009,
    "dynamicConfiguration": {"synchronous_mode": true,
      "postgresql": {"use_slots": true, "parameters": {"work_mem": "8MB", "max_connections": 9},
                     "pg_hba": ["host all all 192.168.0.0/16 md5", "include other.conf"]}}},
  "users": [],
  "shutdown": true,
  "instances": [{
    "name": "one", "replicas": 1, "minAvailable": "50%",
    "metadata": {"labels": {"team": "set", "tier": "gold"}},
    "priorityClassName": "high",
    "affinity": {"nodeAffinity": {}},
    "tolerations": [{"operator": "Exists"}],
    "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "rack",
                                   "whenUnsatisfiable": "DoNotSchedule"}],
    "containers": [{"name": "mine", "image": "busybox"}],
    "sidecars": {"replicaCertCopy": {"resources": {"limits": {"cpu": "10m"}}}},
    "volumes": {"temp": {"accessModes": ["ReadWriteOnce"],
                         "resources": {"requests": {"storage": "3Gi"}}}},
    "tablespaceVolumes": [{"name": "fast", "dataVolumeClaimSpec": {
      "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "5Gi"}}}}],
    "dataVolumeClaimSpec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "ssd",
                            "resources": {"requests": {"storage": "10Gi"}}}}]
})json";

Observed observed() {
  Observed observed;
  observed.uid = "9e7d7c1c-9d0a-4f0e-8f3c-52a1f0b6a001";
  observed.images = {{"RELATED_IMAGE_POSTGRES_15", "localhost/annals/postgres:15"},
                     {"RELATED_IMAGE_POSTGRES_17", "localhost/annals/postgres:17"},
                     {"RELATED_IMAGE_PGBACKREST", "localhost/annals/pgbackrest:2.55"}};
  observed.bootstrap_state.bootstrapped = true;
  observed.bootstrap_state.leader_cluster_ip = "10.96.7.7";
  return observed;
}

}  // namespace

spec::PostgresCluster cluster_of(const std::string& name, const std::string& spec_json) {
  const std::string json =
      concat(R"({"metadata":{"namespace":"zoo","name":")", name, R"("},"spec":)", spec_json, "}");
  Result<spec::PostgresCluster> cluster = spec::parse_postgres_cluster(json);
  ANNALS_ASSERT(cluster.has_value(), cluster.error().detail);
  return *std::move(cluster);
}

spec::PostgresCluster hippo() { return cluster_of("hippo", kHippo); }
spec::PostgresCluster standby() { return cluster_of("hippo", kStandby); }
spec::PostgresCluster two_sets() { return cluster_of("zebra", kTwoSets); }
spec::PostgresCluster custom() { return cluster_of("rhino", kCustom); }

Observed observed_hippo() {
  Observed seen = observed();
  seen.instances = {{"instance1", {{"hippo-instance1-bcdf"}}}};
  return seen;
}

Observed observed_two_sets() {
  Observed seen = observed();
  seen.instances = {{"big", {{"zebra-big-bcdf"}, {"zebra-big-ghjk"}}}, {"01", {{"zebra-01-lmnp"}}}};
  seen.bootstrap_state.replica_create_backup_complete = true;
  return seen;
}

Observed observed_custom() {
  Observed seen = observed();
  seen.instances = {{"one", {{"rhino-one-bcdf", false}}}};
  return seen;
}

}  // namespace annals::manifests
