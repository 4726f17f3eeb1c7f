#include "tests/integration/actions/peer_api.h"

#include <string>
#include <utility>

namespace annals::actions {
namespace {

k8s::Config config_of(std::uint16_t port) {
  k8s::Config config;
  config.server = {false, "127.0.0.1", std::to_string(port), ""};
  return config;
}

}  // namespace

PeerApi::PeerApi(boost::asio::any_io_executor executor, const Clock& clock, std::uint16_t port)
    : transport_(std::move(executor), config_of(port), clock, Log(), k8s::no_metrics()),
      client_(transport_),
      context_{.client = client_,
               .clock = clock,
               .resolver = resolver_,
               .joint_writes = joint_writes_,
               .recollection = recollection_,
               .off_loop = off_loop_} {}

}  // namespace annals::actions
