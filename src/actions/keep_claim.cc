#include "actions/keep_claim.h"

#include <optional>
#include <string>
#include <utility>

#include "actions/claim_patch.h"
#include "actions/fetch_custom_resource.h"
#include "actions/resources.h"
#include "k8s/lens/meta.h"
#include "k8s/text/json.h"

namespace annals::actions {
namespace {

// A claim whose new owner has gone meanwhile would go after it.
boost::asio::awaitable<Answer<bool>> is_there(ClusterIdentity cluster, ActionContext context) {
  const Answer<std::string> resource = co_await fetch_custom_resource(cluster, context);
  if (!resource && resource.error().not_found()) co_return false;
  if (!resource) co_return k8s::refuse(resource.error());
  k8s::JsonReader reader;
  const Result<k8s::ObjectMeta> meta = k8s::read_meta(reader, *resource);
  if (!meta) co_return k8s::refuse(k8s::Trouble::kUnusable, meta.error().detail);
  co_return meta->key.uid == cluster.uid.value() && !meta->deleting();
}

}  // namespace

boost::asio::awaitable<Answer<ActionResult>> run(fsm::KeepClaim intent, ClusterIdentity cluster,
                                                 ActionContext context) {
  const Result<k8s::Resource> resource = resource_of(intent.ref);
  if (!resource) co_return k8s::refuse(k8s::Trouble::kNotSent, resource.error().detail);
  if (!intent.kept) {
    const Answer<bool> there = co_await is_there(cluster, context);
    if (!there) co_return k8s::refuse(there.error());
    if (!*there) co_return k8s::refuse(k8s::Trouble::kNotSent, "the cluster is deleted");
  }
  const Answer<std::string> object =
      co_await context.client.get(*resource, name_of(intent.ref), context.place);
  if (!object && object.error().not_found() && intent.kept) co_return ActionResult{};
  if (!object) co_return k8s::refuse(object.error());
  Result<std::optional<std::string>> patch = claim_patch(*object, intent, cluster);
  if (!patch) co_return k8s::refuse(k8s::Trouble::kNotSent, patch.error().detail);
  if (!*patch) co_return result_of(*object);
  k8s::WriteOptions options;
  options.place = context.place;
  Answer<std::string> patched = co_await context.client.merge_patch(*resource, name_of(intent.ref),
                                                                    std::move(**patch), options);
  if (!patched && patched.error().not_found() && intent.kept) co_return ActionResult{};
  if (!patched) co_return k8s::refuse(std::move(patched).error());
  co_return result_of(*patched);
}

}  // namespace annals::actions
