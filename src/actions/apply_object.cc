#include "actions/apply_object.h"

#include <optional>
#include <string>
#include <utility>

#include "actions/holder.h"
#include "actions/own_resource.h"
#include "actions/resources.h"
#include "actions/versioned_status.h"
#include "k8s/lens/meta.h"
#include "k8s/text/json.h"
#include "lens/object.h"

namespace annals::actions {
namespace {

Answer<Written> written_from(const std::string& object) {
  k8s::JsonReader reader;
  Result<fsm::ObjectObserved> seen = lens::read_answer(reader, object);
  if (!seen)
    return k8s::refuse(k8s::Trouble::kUnknownOutcome, "unreadable answer: ", seen.error().detail);
  return Written{.uid = std::move(seen->uid),
                 .version = seen->version,
                 .digest = std::move(seen->digest),
                 .fields = std::move(seen->fields)};
}

// What stands under that name now; nothing there is nobody's.
boost::asio::awaitable<Answer<Holder>> holder_of(fsm::ObjectRef ref, Means means) {
  const Result<k8s::Resource> resource = resource_of(ref);
  if (!resource) co_return k8s::refuse(k8s::Trouble::kNotSent, resource.error().detail);
  const Answer<std::string> object =
      co_await means.client.get(*resource, name_of(ref), means.place);
  if (!object && object.error().not_found()) co_return Holder{};
  if (!object) co_return k8s::refuse(object.error());
  k8s::JsonReader reader;
  const Result<k8s::ObjectMeta> meta = k8s::read_meta(reader, *object);
  if (!meta) co_return k8s::refuse(k8s::Trouble::kUnusable, to_string(meta.error()));
  co_return Holder{.controller_uid = meta->controller_uid, .deleting = meta->deleting()};
}

// We are the authority for our fields: a conflict means that somebody else took one, and is undone.
k8s::WriteOptions as_owner(Means means) {
  k8s::WriteOptions options;
  options.force = true;
  options.place = means.place;
  return options;
}

}  // namespace

boost::asio::awaitable<Answer<Written>> apply(fsm::ObjectRef ref, std::string manifest,
                                              Means means) {
  const Result<k8s::Resource> resource = resource_of(ref);
  if (!resource) co_return k8s::refuse(k8s::Trouble::kNotSent, resource.error().detail);
  const k8s::WriteOptions options = as_owner(means);
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

namespace {

// The version of the custom resource; another resource of that name is none.
boost::asio::awaitable<Answer<std::string>> version_now(ClusterIdentity cluster, Means means) {
  Answer<std::string> object = co_await own_resource(cluster, means);
  if (!object) co_return k8s::refuse(std::move(object).error());
  Result<std::string> version = version_of(*object, cluster);
  if (!version) co_return k8s::refuse(k8s::Trouble::kUnusable, version.error().detail);
  co_return *std::move(version);
}

boost::asio::awaitable<Answer<Written>> publish(fsm::PatchStatus intent, std::string version,
                                                ClusterIdentity cluster, Means means) {
  const Result<k8s::Resource> resource = resource_of(intent.ref);
  if (!resource) co_return k8s::refuse(k8s::Trouble::kNotSent, resource.error().detail);
  Result<std::string> manifest = versioned_status(intent.manifest, version, cluster);
  if (!manifest) co_return k8s::refuse(k8s::Trouble::kUnusable, manifest.error().detail);
  means.recollection.forget(cluster.uid);  // until there is an answer
  const k8s::WriteOptions options = as_owner(means);
  Answer<std::string> object = co_await means.client.apply_status(*resource, name_of(intent.ref),
                                                                  *std::move(manifest), options);
  if (!object) co_return k8s::refuse(std::move(object).error());
  if (Result<std::string> now = version_of(*object, cluster))
    means.recollection.remember(cluster.uid, *std::move(now));
  co_return Written{};
}

}  // namespace

boost::asio::awaitable<Answer<Written>> run(fsm::PatchStatus intent, ClusterIdentity cluster,
                                            Means means) {
  if (const std::optional<std::string> known = means.recollection.version(cluster.uid)) {
    Answer<Written> written = co_await publish(intent, *known, cluster, means);
    if (written || !written.error().conflict()) co_return written;
  }
  Answer<std::string> version = co_await version_now(cluster, means);
  if (!version) co_return k8s::refuse(std::move(version).error());
  Answer<Written> written = co_await publish(intent, *std::move(version), cluster, means);
  co_return written;
}

}  // namespace annals::actions
