#include "spec/service.h"

#include <algorithm>

#include "spec/fields.h"

namespace annals::spec {
namespace {

constexpr Choices<ServiceType, 3> kTypes{{{"ClusterIP", ServiceType::kClusterIp},
                                          {"NodePort", ServiceType::kNodePort},
                                          {"LoadBalancer", ServiceType::kLoadBalancer}}};
constexpr Choices<TrafficPolicy, 2> kTrafficPolicies{
    {{"Cluster", TrafficPolicy::kCluster}, {"Local", TrafficPolicy::kLocal}}};
constexpr Choices<IpFamilyPolicy, 3> kIpFamilyPolicies{
    {{"SingleStack", IpFamilyPolicy::kSingleStack},
     {"PreferDualStack", IpFamilyPolicy::kPreferDualStack},
     {"RequireDualStack", IpFamilyPolicy::kRequireDualStack}}};

template <class E, std::size_t N>
std::string_view name_of(E value, const Choices<E, N>& choices) {
  return std::ranges::find(choices, value, &std::pair<std::string_view, E>::second)->first;
}

}  // namespace

std::string_view to_string(ServiceType type) { return name_of(type, kTypes); }
std::string_view to_string(TrafficPolicy policy) { return name_of(policy, kTrafficPolicies); }
std::string_view to_string(IpFamilyPolicy policy) { return name_of(policy, kIpFamilyPolicies); }

void describe(Fields& fields, Service& service) {
  fields.part("metadata", service.metadata);
  fields.choice("type", service.type, kTypes);
  fields.number("nodePort", service.node_port);
  fields.check(!service.node_port || (*service.node_port >= 1 && *service.node_port <= 65535),
               "nodePort", "choose a port in the node port range, usually 30000 to 32767");
  fields.check(!service.node_port || service.type != ServiceType::kClusterIp, "nodePort",
               "set type to NodePort or LoadBalancer, or remove nodePort");
  fields.choice("externalTrafficPolicy", service.external_traffic_policy, kTrafficPolicies);
  fields.choice("internalTrafficPolicy", service.internal_traffic_policy, kTrafficPolicies);
  fields.choice("ipFamilyPolicy", service.ip_family_policy, kIpFamilyPolicies);
  fields.texts("ipFamilies", service.ip_families);
  const auto is_family = [](const std::string& name) { return name == "IPv4" || name == "IPv6"; };
  fields.check(std::ranges::all_of(service.ip_families, is_family), "ipFamilies",
               "choose from IPv4, IPv6");
}

}  // namespace annals::spec
