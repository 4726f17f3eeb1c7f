#include "actions/delete_object.h"

#include <utility>

#include "actions/resources.h"

namespace annals::actions {

boost::asio::awaitable<Answer<Written>> run(fsm::DeleteObject intent, k8s::Client& client) {
  if (intent.guard.lost.empty() || intent.guard.allowed_by.empty() || intent.digest.empty()) {
    co_return k8s::refuse(k8s::Trouble::kNotSent, "deletion without a guard");
  }
  const Result<k8s::Resource> resource = resource_of(intent.ref);
  if (!resource) co_return k8s::refuse(k8s::Trouble::kNotSent, resource.error().detail);
  k8s::DeleteOptions options;
  options.uid = std::move(intent.digest);
  Answer<void> removed = co_await client.remove(*resource, name_of(intent.ref), std::move(options));
  const bool gone = removed || removed.error().not_found() || removed.error().conflict();
  if (!gone) co_return k8s::refuse(std::move(removed).error());
  co_return Written{};
}

}  // namespace annals::actions
