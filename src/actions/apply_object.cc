#include "actions/apply_object.h"

#include <optional>
#include <string>
#include <utility>

#include "actions/fetch_custom_resource.h"
#include "actions/ownership.h"
#include "actions/resources.h"
#include "actions/versioned_status.h"
#include "k8s/lens/meta.h"
#include "k8s/text/json.h"
#include "lens/label.h"

namespace annals::actions {
namespace {

// What stands under that name now; nothing there is nobody's.
boost::asio::awaitable<Answer<Holder>> holder_of(fsm::ObjectRef ref, ActionContext context) {
  const Result<k8s::Resource> resource = resource_of(ref);
  if (!resource) co_return k8s::refuse(k8s::Trouble::kNotSent, resource.error().detail);
  const Answer<std::string> object =
      co_await context.client.get(*resource, name_of(ref), context.place);
  if (!object && object.error().not_found()) co_return Holder{};
  if (!object) co_return k8s::refuse(object.error());
  k8s::JsonReader reader;
  const Result<k8s::ObjectMeta> meta = lens::read_labelled_meta(reader, *object);
  if (!meta) co_return k8s::refuse(k8s::Trouble::kUnusable, to_string(meta.error()));
  co_return Holder{.controller_uid = meta->controller_uid,
                   .deleting = meta->deleting(),
                   .kept_for = lens::label_of(*meta, "kept-for")};
}

// We are the authority for our fields: a conflict means that somebody else took one, and is undone.
k8s::WriteOptions as_owner(ActionContext context) {
  k8s::WriteOptions options;
  options.force = true;
  options.place = context.place;
  return options;
}

}  // namespace

boost::asio::awaitable<Answer<ActionResult>> apply(fsm::ObjectRef ref, std::string manifest,
                                                   ActionContext context) {
  const Result<k8s::Resource> resource = resource_of(ref);
  if (!resource) co_return k8s::refuse(k8s::Trouble::kNotSent, resource.error().detail);
  const k8s::WriteOptions options = as_owner(context);
  Answer<std::string> object =
      co_await context.client.apply(*resource, name_of(ref), std::move(manifest), options);
  if (!object) co_return k8s::refuse(std::move(object).error());
  co_return result_of(*object);
}

boost::asio::awaitable<Answer<ActionResult>> run(fsm::ApplyObject intent, ClusterIdentity cluster,
                                                 ActionContext context) {
  if (cluster.has_namesake) {
    const Answer<Holder> holder = co_await holder_of(intent.ref, context);
    if (!holder) co_return k8s::refuse(holder.error());
    const Answer<void> free = check_ownership(intent.ref, *holder, cluster);
    if (!free) co_return k8s::refuse(free.error());
  }
  Answer<ActionResult> written = co_await apply(intent.ref, std::move(intent.manifest), context);
  co_return written;
}

namespace {

// The version of the custom resource; another resource of that name is none.
boost::asio::awaitable<Answer<std::string>> version_now(ClusterIdentity cluster,
                                                        ActionContext context) {
  Answer<std::string> object = co_await fetch_custom_resource(cluster, context);
  if (!object) co_return k8s::refuse(std::move(object).error());
  Result<std::string> version = version_of(*object, cluster);
  if (!version) co_return k8s::refuse(k8s::Trouble::kUnusable, version.error().detail);
  co_return *std::move(version);
}

boost::asio::awaitable<Answer<ActionResult>> publish(fsm::PatchStatus intent, std::string version,
                                                     ClusterIdentity cluster,
                                                     ActionContext context) {
  const Result<k8s::Resource> resource = resource_of(intent.ref);
  if (!resource) co_return k8s::refuse(k8s::Trouble::kNotSent, resource.error().detail);
  Result<std::string> manifest = versioned_status(intent.manifest, version, cluster);
  if (!manifest) co_return k8s::refuse(k8s::Trouble::kUnusable, manifest.error().detail);
  context.recollection.forget(cluster.uid);  // until there is an answer
  const k8s::WriteOptions options = as_owner(context);
  Answer<std::string> object = co_await context.client.apply_status(*resource, name_of(intent.ref),
                                                                    *std::move(manifest), options);
  if (!object) co_return k8s::refuse(std::move(object).error());
  if (Result<std::string> now = version_of(*object, cluster))
    context.recollection.remember(cluster.uid, *std::move(now));
  co_return ActionResult{};
}

}  // namespace

boost::asio::awaitable<Answer<ActionResult>> run(fsm::PatchStatus intent, ClusterIdentity cluster,
                                                 ActionContext context) {
  if (const std::optional<std::string> known = context.recollection.version(cluster.uid)) {
    Answer<ActionResult> written = co_await publish(intent, *known, cluster, context);
    if (written || !written.error().conflict()) co_return written;
  }
  Answer<std::string> version = co_await version_now(cluster, context);
  if (!version) co_return k8s::refuse(std::move(version).error());
  Answer<ActionResult> written = co_await publish(intent, *std::move(version), cluster, context);
  co_return written;
}

}  // namespace annals::actions
