#include "actions/pod_resolver.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "base/concat.h"
#include "k8s/lens/meta.h"
#include "k8s/resource.h"
#include "lens/label.h"

namespace annals::actions {
namespace {

// "POD.SERVICE.NAMESPACE.svc" names a pod, "SERVICE.NAMESPACE.svc" none.
std::optional<std::string> pod_in(std::string_view host) {
  if (std::ranges::count(host, '.') != 3) return std::nullopt;
  return std::string(host.substr(0, host.find('.')));
}

// Patroni labels the pod that leads. Two of them while one is cut off: then nobody knows.
boost::asio::awaitable<Answer<std::string>> leader_of(ClusterIdentity cluster,
                                                      k8s::Client* client) {
  std::vector<std::string> leaders;
  k8s::JsonReader reader;
  const auto take = [&](std::string_view object) -> Result<void> {
    Result<k8s::ObjectMeta> meta = k8s::read_meta(reader, object);
    if (!meta) return fail(std::move(meta).error());
    leaders.push_back(std::move(meta->key.name));
    return {};
  };
  k8s::ListOptions options;
  options.name_space = cluster.name_space;
  options.label_selector = concat(lens::kLabelPrefix, "cluster=", cluster.name, ",",  //
                                  lens::kLabelPrefix, "role in (master,primary)");
  const Answer<k8s::PageEnd> listed = co_await client->list(k8s::pods(), std::move(options), take);
  if (!listed) co_return k8s::refuse(listed.error());
  if (leaders.size() != 1) {
    co_return k8s::refuse(k8s::Trouble::kNotSent, leaders.size(), " pods of ", cluster.name,
                          " are labelled as its primary");
  }
  co_return std::move(leaders.front());
}

}  // namespace

Error with_forward_error(const Endpoint& endpoint, Error error) {
  if (endpoint.forward == nullptr || endpoint.forward->trouble().empty()) return error;
  return error.while_doing(concat("through the API server: ", endpoint.forward->trouble()));
}

boost::asio::awaitable<Answer<Endpoint>> NetworkResolver::resolve(std::string /*host*/,
                                                                  std::uint16_t port,
                                                                  ClusterIdentity /*cluster*/) {
  co_return Endpoint{.address = std::nullopt, .port = port, .forward = nullptr};
}

boost::asio::awaitable<Answer<Endpoint>> ApiServerResolver::resolve(std::string host,
                                                                    std::uint16_t port,
                                                                    ClusterIdentity cluster) {
  k8s::ObjectName pod{.name_space = cluster.name_space, .name = pod_in(host).value_or("")};
  if (pod.name.empty()) {
    Answer<std::string> leader = co_await leader_of(std::move(cluster), &client_);
    if (!leader) co_return k8s::refuse(std::move(leader).error());
    pod.name = *std::move(leader);
  }
  auto forward = k8s::LocalForward::listen(client_, std::move(pod), port);
  if (!forward) co_return k8s::refuse(k8s::Trouble::kNotSent, to_string(forward.error()));
  const std::uint16_t local = (*forward)->port();
  co_return Endpoint{
      .address = k8s::LocalForward::kAddress, .port = local, .forward = *std::move(forward)};
}

}  // namespace annals::actions
