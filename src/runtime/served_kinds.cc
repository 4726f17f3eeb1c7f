#include "runtime/served_kinds.h"

#include <array>
#include <chrono>
#include <utility>

#include "k8s/discovery/discovery.h"
#include "k8s/task_scope.h"

namespace annals::runtime {
namespace {

constexpr std::array kKinds{std::pair{"batch", "CronJob"},
                            std::pair{"policy", "PodDisruptionBudget"}};

}  // namespace

boost::asio::awaitable<ServedKinds> served_kinds(k8s::Client* client, Log log) {
  k8s::Discovery discovery(*client);
  ServedKinds served;
  for (const auto& [group, kind] : kKinds) {
    for (;;) {
      k8s::Answer<k8s::Resource> resource = co_await discovery.resource(group, kind);
      if (resource) served[kind] = k8s::api_version(*resource);
      if (resource || resource.error().not_found()) break;
      log.warn("discovery-failed", {{"kind", kind}, {"error", to_string(resource.error())}});
      co_await k8s::pause_for(std::chrono::seconds(1));
    }
  }
  co_return served;
}

}  // namespace annals::runtime
