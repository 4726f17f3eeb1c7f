// The lenses for Services and for the objects in which Patroni keeps its state (Endpoints or
// ConfigMaps). What Patroni renews every ten seconds is left out. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "k8s/lens/meta.h"

namespace annals::k8s {

struct ServiceView {
  ObjectMeta meta;
  std::string owned;  // see owned.h
  std::string type;
  std::string cluster_ip;
  std::vector<std::string> ingress;  // addresses or names that a load balancer gave
  std::vector<std::string> node_ports;
};

void add_to(Fingerprint& fingerprint, const ServiceView& view);
Result<ServiceView> read_service(JsonReader& reader, std::string_view object);

// Patroni's annotations that mean something when they change: leader, transitions, initialize,
// config, failsafe, history, and those of a requested switchover.
struct PatroniState {
  std::map<std::string, std::string> annotations;
};

struct EndpointsView {
  ObjectMeta meta;
  std::string owned;
  PatroniState patroni;
  std::vector<std::string> ready;  // addresses, in the server's order
  std::vector<std::string> not_ready;
};

void add_to(Fingerprint& fingerprint, const EndpointsView& view);
Result<EndpointsView> read_endpoints(JsonReader& reader, std::string_view object);

// A ConfigMap's data matters only as far as it is ours, and that is in `owned`.
struct ConfigMapView {
  ObjectMeta meta;
  std::string owned;
  PatroniState patroni;
};

void add_to(Fingerprint& fingerprint, const ConfigMapView& view);
Result<ConfigMapView> read_config_map(JsonReader& reader, std::string_view object);

}  // namespace annals::k8s
