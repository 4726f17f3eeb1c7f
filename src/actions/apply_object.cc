#include "actions/apply_object.h"

#include <utility>

#include "actions/holder.h"
#include "actions/owned_fields.h"
#include "actions/resources.h"
#include "actions/versioned_status.h"
#include "k8s/json.h"
#include "k8s/lens/meta.h"

namespace annals::actions {
namespace {

Answer<Written> written_from(const std::string& object) {
  k8s::JsonReader reader;
  Result<OwnedObject> owned = read_owned_object(reader, object);
  if (!owned)
    return k8s::refuse(k8s::Trouble::kUnknownOutcome,
                       "the answer cannot be read: ", owned.error().detail);
  return std::move(owned->written);
}

// What stands under that name now; nothing there is nobody's.
boost::asio::awaitable<Answer<Holder>> holder_of(fsm::ObjectRef ref, Means means) {
  const Result<k8s::Resource> resource = resource_of(ref);
  if (!resource) co_return k8s::refuse(k8s::Trouble::kNotSent, resource.error().detail);
  const Answer<std::string> object = co_await means.client.get(*resource, name_of(ref));
  if (!object && object.error().not_found()) co_return Holder{};
  if (!object) co_return k8s::refuse(object.error());
  k8s::JsonReader reader;
  const Result<k8s::ObjectMeta> meta = k8s::read_meta(reader, *object);
  if (!meta) co_return k8s::refuse(k8s::Trouble::kUnusable, to_string(meta.error()));
  co_return Holder{.controller_uid = meta->controller_uid, .deleting = meta->deleting()};
}

// We are the authority for our fields: a conflict means that somebody else took one, and is undone.
k8s::WriteOptions as_owner() {
  k8s::WriteOptions options;
  options.force = true;
  return options;
}

}  // namespace

boost::asio::awaitable<Answer<Written>> apply(fsm::ObjectRef ref, std::string manifest,
                                              Means means) {
  const Result<k8s::Resource> resource = resource_of(ref);
  if (!resource) co_return k8s::refuse(k8s::Trouble::kNotSent, resource.error().detail);
  const k8s::WriteOptions options = as_owner();
  Answer<std::string> object =
      co_await means.client.apply(*resource, name_of(ref), std::move(manifest), options);
  if (!object) co_return k8s::refuse(std::move(object).error());
  co_return written_from(*object);
}

boost::asio::awaitable<Answer<Written>> run(fsm::ApplyObject intent, ClusterIdentity cluster,
                                            Means means) {
  if (cluster.has_namesake) {
    const Answer<Holder> holder = co_await holder_of(intent.ref, means);
    if (!holder) co_return k8s::refuse(holder.error());
    const Answer<void> free = check_holder(intent.ref, *holder, cluster);
    if (!free) co_return k8s::refuse(free.error());
  }
  Answer<Written> written = co_await apply(intent.ref, std::move(intent.manifest), means);
  co_return written;
}

boost::asio::awaitable<Answer<Written>> run(fsm::PatchStatus intent, ClusterIdentity cluster,
                                            Means means) {
  const Result<k8s::Resource> resource = resource_of(intent.ref);
  if (!resource) co_return k8s::refuse(k8s::Trouble::kNotSent, resource.error().detail);
  Answer<std::string> before = co_await means.client.get(*resource, name_of(intent.ref));
  if (!before) co_return k8s::refuse(std::move(before).error());
  Result<std::string> manifest = versioned_status(intent.manifest, *before, cluster);
  if (!manifest) co_return k8s::refuse(k8s::Trouble::kUnusable, manifest.error().detail);
  const k8s::WriteOptions options = as_owner();
  Answer<std::string> object = co_await means.client.apply_status(*resource, name_of(intent.ref),
                                                                  *std::move(manifest), options);
  if (!object) co_return k8s::refuse(std::move(object).error());
  co_return Written{};
}

}  // namespace annals::actions
