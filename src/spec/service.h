// How a Service is exposed: spec.service, spec.replicaService, spec.proxy.pgBouncer.service.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spec/metadata.h"

namespace annals::spec {

class Fields;

enum class ServiceType : std::uint8_t { kClusterIp, kNodePort, kLoadBalancer };
enum class TrafficPolicy : std::uint8_t { kCluster, kLocal };
enum class IpFamilyPolicy : std::uint8_t { kSingleStack, kPreferDualStack, kRequireDualStack };

std::string_view to_string(ServiceType type);
std::string_view to_string(TrafficPolicy policy);
std::string_view to_string(IpFamilyPolicy policy);

struct Service {
  Metadata metadata;
  ServiceType type = ServiceType::kClusterIp;
  std::optional<std::int32_t> node_port;  // only with another type than ClusterIP
  std::optional<TrafficPolicy> external_traffic_policy;
  std::optional<TrafficPolicy> internal_traffic_policy;
  std::optional<IpFamilyPolicy> ip_family_policy;
  std::vector<std::string> ip_families;  // IPv4, IPv6

  friend bool operator==(const Service&, const Service&) = default;
};

void describe(Fields& fields, Service& service);

}  // namespace annals::spec
