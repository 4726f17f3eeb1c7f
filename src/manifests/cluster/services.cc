#include "manifests/cluster/services.h"

#include "manifests/labels.h"
#include "manifests/names.h"
#include "manifests/object.h"

namespace annals::manifests {
namespace {

Labels cluster_labels(const spec::PostgresCluster& cluster) {
  return {{label::kCluster, cluster.name}};
}

Labels patroni_labels(const spec::PostgresCluster& cluster) {
  return {{label::kCluster, cluster.name}, {label::kPatroni, names::leader(cluster.name)}};
}

Labels role_labels(const spec::PostgresCluster& cluster, const char* role) {
  return {{label::kCluster, cluster.name}, {label::kRole, role}};
}

// By name, so that pods of an old and a new port can serve side by side.
Json postgres_port(const spec::PostgresCluster& cluster) {
  return {{"name", kPostgresPort},
          {"port", cluster.spec.port},
          {"protocol", "TCP"},
          {"targetPort", kPostgresPort}};
}

// What spec.service and spec.replicaService say.
void expose(Json& service_spec, Json port, const spec::Service& service) {
  service_spec["type"] = to_string(service.type);
  if (service.node_port) port["nodePort"] = *service.node_port;
  service_spec["ports"] = Json::array({port});
  if (service.external_traffic_policy) {
    service_spec["externalTrafficPolicy"] = to_string(*service.external_traffic_policy);
  }
  if (service.internal_traffic_policy) {
    service_spec["internalTrafficPolicy"] = to_string(*service.internal_traffic_policy);
  }
  if (service.ip_family_policy) {
    service_spec["ipFamilyPolicy"] = to_string(*service.ip_family_policy);
  }
  set_given(service_spec, "ipFamilies", service.ip_families);
}

}  // namespace

Json pods_service(const spec::PostgresCluster& cluster, const Observed& observed) {
  Json service =
      owned_object(kService, cluster, observed, names::pods(cluster.name), cluster_labels(cluster));
  service["spec"] = {{"clusterIP", "None"},
                     {"publishNotReadyAddresses", true},
                     {"selector", cluster_labels(cluster)}};
  return service;
}

Json leader_service(const spec::PostgresCluster& cluster, const Observed& observed) {
  const spec::Service& settings = cluster.spec.service;
  Json service = owned_object(kService, cluster, observed, names::leader(cluster.name),
                              patroni_labels(cluster), &settings.metadata);
  service["spec"] = Json::object();
  // With Endpoints Patroni writes the leader's address there itself, at once with its lock.
  if (observed.config_maps) service["spec"]["selector"] = role_labels(cluster, role::kLeader);
  expose(service["spec"], postgres_port(cluster), settings);
  return service;
}

Json leader_config_service(const spec::PostgresCluster& cluster, const Observed& observed) {
  Json service = owned_object(kService, cluster, observed, names::leader_config(cluster.name),
                              patroni_labels(cluster));
  service["spec"] = {{"clusterIP", "None"}};
  return service;
}

Json primary_service(const spec::PostgresCluster& cluster, const Observed& observed) {
  Json service = owned_object(kService, cluster, observed, names::primary(cluster.name),
                              role_labels(cluster, role::kPrimary));
  service["spec"] = {{"clusterIP", "None"}, {"ports", Json::array({postgres_port(cluster)})}};
  return service;
}

std::optional<Json> primary_endpoints(const spec::PostgresCluster& cluster,
                                      const Observed& observed) {
  if (observed.bootstrap_state.leader_cluster_ip.empty()) return std::nullopt;
  const Json address = {{"ip", observed.bootstrap_state.leader_cluster_ip}};
  const Json port = {{"name", kPostgresPort}, {"port", cluster.spec.port}, {"protocol", "TCP"}};
  const Json subset = {{"addresses", Json::array({address})}, {"ports", Json::array({port})}};
  Json endpoints = owned_object(kEndpoints, cluster, observed, names::primary(cluster.name),
                                role_labels(cluster, role::kPrimary));
  endpoints["subsets"] = Json::array({subset});
  return endpoints;
}

Json replica_service(const spec::PostgresCluster& cluster, const Observed& observed) {
  const spec::Service& settings = cluster.spec.replica_service;
  const Labels labels = role_labels(cluster, role::kReplica);
  Json service = owned_object(kService, cluster, observed, names::replicas(cluster.name), labels,
                              &settings.metadata);
  service["spec"] = {{"selector", labels}};
  expose(service["spec"], postgres_port(cluster), settings);
  return service;
}

}  // namespace annals::manifests
