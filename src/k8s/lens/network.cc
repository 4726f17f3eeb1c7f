#include "k8s/lens/network.h"

#include <algorithm>
#include <array>
#include <utility>

#include "k8s/lens/read_meta.ipp"

namespace annals::k8s {
namespace {

// Source: patroni/dcs/kubernetes.py. Left out: renewTime, acquireTime, ttl, optime, slots.
constexpr std::array<std::string_view, 9> kPatroniAnnotations{
    "leader",  "transitions", "initialize",   "config",      "failsafe",
    "history", "member",      "scheduled_at", "sync_standby"};

template <class View>
void take_patroni_meta(ondemand::value metadata, View& view) {
  each_field(metadata, [&view](std::string_view key, ondemand::value value) {
    if (key != "annotations") {
      (void)take_meta_field(key, value, view.meta);
      return;
    }
    each_field(value, [&view](std::string_view name, ondemand::value text) {
      if (std::ranges::find(kPatroniAnnotations, name) == kPatroniAnnotations.end()) return;
      view.patroni.annotations.insert_or_assign(std::string(name), text_of(text));
    });
  });
}

void take_ports(ServiceView& service, ondemand::value ports) {
  each_element(ports, [&service](ondemand::value port) {
    each_field(port, [&service](std::string_view key, ondemand::value value) {
      if (key == "nodePort") service.node_ports.push_back(std::to_string(number_of(value)));
    });
  });
}

void take_ingress(ServiceView& service, std::string_view key, ondemand::value value) {
  if (key != "ingress") return;
  each_element(value, [&service](ondemand::value point) {
    each_field(point, [&service](std::string_view name, ondemand::value text) {
      if (name == "ip" || name == "hostname") service.ingress.push_back(text_of(text));
    });
  });
}

void take_service(ServiceView& service, std::string_view part, ondemand::value value) {
  if (part == "metadata") take_meta(value, service.meta);
  each_field_of("spec", part, value, [&service](std::string_view key, ondemand::value inner) {
    if (key == "type") service.type = text_of(inner);
    if (key == "clusterIP") service.cluster_ip = text_of(inner);
    if (key == "ports") take_ports(service, inner);
  });
  each_field_of("status", part, value, [&service](std::string_view key, ondemand::value inner) {
    each_field_of("loadBalancer", key, inner,
                  [&service](std::string_view name, ondemand::value list) {
                    take_ingress(service, name, list);
                  });
  });
}

void take_addresses(std::vector<std::string>& list, ondemand::value addresses) {
  each_element(addresses, [&list](ondemand::value address) {
    each_field(address, [&list](std::string_view key, ondemand::value value) {
      if (key == "ip") list.push_back(text_of(value));
    });
  });
}

void take_endpoints(EndpointsView& endpoints, std::string_view part, ondemand::value value) {
  if (part == "metadata") take_patroni_meta(value, endpoints);
  if (part != "subsets") return;
  each_element(value, [&endpoints](ondemand::value subset) {
    each_field(subset, [&endpoints](std::string_view key, ondemand::value list) {
      if (key == "addresses") take_addresses(endpoints.ready, list);
      if (key == "notReadyAddresses") take_addresses(endpoints.not_ready, list);
    });
  });
}

void take_config_map(ConfigMapView& map, std::string_view part, ondemand::value value) {
  if (part == "metadata") take_patroni_meta(value, map);
}

}  // namespace

void add_to(Fingerprint& fingerprint, const ServiceView& view) {
  add_to(fingerprint, view.meta);
  fingerprint.add(view.owned)
      .add(view.type)
      .add(view.cluster_ip)
      .add(view.ingress)
      .add(view.node_ports);
}

Result<ServiceView> read_service(JsonReader& reader, std::string_view object) {
  return read_owned_view<ServiceView>(reader, object, take_service);
}

void add_to(Fingerprint& fingerprint, const EndpointsView& view) {
  add_to(fingerprint, view.meta);
  fingerprint.add(view.owned).add(view.patroni.annotations).add(view.ready).add(view.not_ready);
}

Result<EndpointsView> read_endpoints(JsonReader& reader, std::string_view object) {
  return read_owned_view<EndpointsView>(reader, object, take_endpoints);
}

void add_to(Fingerprint& fingerprint, const ConfigMapView& view) {
  add_to(fingerprint, view.meta);
  fingerprint.add(view.owned).add(view.patroni.annotations);
}

Result<ConfigMapView> read_config_map(JsonReader& reader, std::string_view object) {
  return read_owned_view<ConfigMapView>(reader, object, take_config_map);
}

}  // namespace annals::k8s
