#include "actions/set_finalizer.h"

#include <optional>
#include <string>
#include <utility>

#include "actions/finalizer_patch.h"
#include "actions/resources.h"
#include "actions/versioned_status.h"

namespace annals::actions {
boost::asio::awaitable<Answer<ActionResult>> run(fsm::SetFinalizer intent, ClusterIdentity cluster,
                                                 ActionContext context) {
  const Result<k8s::Resource> resource = resource_of(intent.ref);
  if (!resource) co_return k8s::refuse(k8s::Trouble::kNotSent, resource.error().detail);
  Answer<std::string> object =
      co_await context.client.get(*resource, name_of(intent.ref), context.place);
  if (!object && object.error().not_found()) co_return ActionResult{};
  if (!object) co_return k8s::refuse(std::move(object).error());
  Result<std::optional<std::string>> patch = finalizer_patch(*object, intent);
  if (!patch) co_return k8s::refuse(k8s::Trouble::kUnusable, patch.error().detail);
  if (!*patch) co_return ActionResult{};
  k8s::WriteOptions options;
  options.place = context.place;
  Answer<std::string> patched = co_await context.client.merge_patch(*resource, name_of(intent.ref),
                                                                    std::move(**patch), options);
  if (!patched && !patched.error().not_found()) co_return k8s::refuse(std::move(patched).error());
  if (patched) {
    if (Result<std::string> version = version_of(*patched, cluster))
      context.recollection.remember(cluster.uid, *std::move(version));
  }
  co_return ActionResult{};
}

}  // namespace annals::actions
