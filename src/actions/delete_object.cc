#include "actions/delete_object.h"

#include <string>
#include <utility>

#include "actions/fetch_custom_resource.h"
#include "actions/resources.h"
#include "base/concat.h"
#include "k8s/lens/meta.h"
#include "k8s/text/json.h"
#include "lens/label.h"
#include "lens/object.h"
#include "lens/pod.h"

namespace annals::actions {

namespace {

bool is_still(const fsm::PodObserved& pod, const std::string& what) {
  return what == fsm::kNotReady ? !pod.ready : pod.role == what;
}

// The version of the pod that is still what it was taken for; nothing when it is gone, or another.
boost::asio::awaitable<Answer<std::string>> version_as(k8s::Resource resource,
                                                       fsm::DeleteObject intent,
                                                       ActionContext context) {
  const Answer<std::string> pod = co_await context.client.get(resource, name_of(intent.ref));
  if (!pod && pod.error().not_found()) co_return std::string();
  if (!pod) co_return k8s::refuse(pod.error());
  k8s::JsonReader reader;
  const Result<lens::PodView> view = lens::read_pod_view(reader, *pod);
  if (!view) co_return k8s::refuse(k8s::Trouble::kNotSent, to_string(view.error()));
  if (view->meta.key.uid != intent.digest) co_return std::string();
  if (!is_still(view->fact, intent.precondition)) {
    co_return k8s::refuse(k8s::Trouble::kNotSent,
                          concat("pod ", view->meta.key.name, " is now ", view->fact.role,
                                 view->fact.ready ? " and ready" : " and not ready", ", no longer ",
                                 intent.precondition));
  }
  co_return view->meta.resource_version;
}

// The same of a volume claim that outlives its cluster: who owns it by now keeps it.
boost::asio::awaitable<Answer<std::string>> version_kept(k8s::Resource resource,
                                                         fsm::DeleteObject intent,
                                                         ActionContext context) {
  const Answer<std::string> claim = co_await context.client.get(resource, name_of(intent.ref));
  if (!claim && claim.error().not_found()) co_return std::string();
  if (!claim) co_return k8s::refuse(claim.error());
  k8s::JsonReader reader;
  const Result<lens::OwnedView> view = lens::read_owned_view(reader, *claim);
  if (!view) co_return k8s::refuse(k8s::Trouble::kNotSent, to_string(view.error()));
  if (view->meta.key.uid != intent.digest) co_return std::string();
  const fsm::ClaimFields& fields = *view->fact.fields.claim;
  const std::string kept =
      fsm::kept_as(fields.kept_for.value_or(""), fields.kept_until.value_or(""));
  if (kept == intent.precondition) co_return view->meta.resource_version;
  co_return k8s::refuse(
      k8s::Trouble::kNotSent,
      concat(to_string(intent.ref), " is no longer kept for ", intent.precondition));
}

// Whether the name is this cluster's, or nobody's. What is known of a cluster that goes may be of a
// time before its namesake was made; its finalizer keeps the name until all of this has been done.
boost::asio::awaitable<Answer<bool>> has_its_name(ClusterIdentity cluster, ActionContext context) {
  const Answer<std::string> holder = co_await fetch_custom_resource(cluster, context);
  if (!holder && holder.error().not_found()) co_return true;
  if (!holder) co_return k8s::refuse(holder.error());
  k8s::JsonReader reader;
  const Result<k8s::ObjectMeta> meta = k8s::read_meta(reader, *holder);
  if (!meta) co_return k8s::refuse(k8s::Trouble::kUnusable, meta.error().detail);
  co_return meta->key.uid == cluster.uid.value();
}

// The UID of an object that bears the cluster's label; empty for anybody else's.
Result<std::string> uid_if_ours(const std::string& object, const std::string& cluster) {
  k8s::JsonReader reader;
  const Result<k8s::ObjectMeta> meta = lens::read_labelled_meta(reader, object);
  if (!meta) return fail(meta.error());
  return lens::cluster_of(*meta) == cluster ? meta->key.uid : std::string();
}

// Of names that only this cluster uses; empty where there is nothing to delete.
boost::asio::awaitable<Answer<std::string>> uid_by_name(k8s::Resource resource, fsm::ObjectRef ref,
                                                        ClusterIdentity cluster,
                                                        ActionContext context) {
  const Answer<std::string> object = co_await context.client.get(resource, name_of(ref));
  if (!object && object.error().not_found()) co_return std::string();
  if (!object) co_return k8s::refuse(object.error());
  Result<std::string> uid = uid_if_ours(*object, cluster.name);
  if (!uid) co_return k8s::refuse(k8s::Trouble::kUnusable, uid.error().detail);
  if (uid->empty()) co_return std::string();
  const Answer<bool> its_own = co_await has_its_name(cluster, context);
  if (!its_own) co_return k8s::refuse(its_own.error());
  co_return *its_own ? *std::move(uid) : std::string();
}

}  // namespace

boost::asio::awaitable<Answer<ActionResult>> run(fsm::DeleteObject intent, ClusterIdentity cluster,
                                                 ActionContext context) {
  if (intent.guard.lost.empty() || intent.guard.allowed_by.empty()) {
    co_return k8s::refuse(k8s::Trouble::kNotSent, "deletion without a guard");
  }
  const Result<k8s::Resource> resource = resource_of(intent.ref);
  if (!resource) co_return k8s::refuse(k8s::Trouble::kNotSent, resource.error().detail);
  if (intent.digest.empty()) {
    Answer<std::string> uid = co_await uid_by_name(*resource, intent.ref, cluster, context);
    if (!uid) co_return k8s::refuse(std::move(uid).error());
    if (uid->empty()) co_return ActionResult{};
    intent.digest = *std::move(uid);
  }
  k8s::DeleteOptions options;
  options.uid = intent.digest;
  if (!intent.precondition.empty()) {
    boost::asio::awaitable<Answer<std::string>> look =
        intent.ref.kind == "PersistentVolumeClaim" ? version_kept(*resource, intent, context)
                                                   : version_as(*resource, intent, context);
    Answer<std::string> version = co_await std::move(look);
    if (!version) co_return k8s::refuse(std::move(version).error());
    if (version->empty()) co_return ActionResult{};
    options.resource_version = *std::move(version);
  }
  Answer<void> removed =
      co_await context.client.remove(*resource, name_of(intent.ref), std::move(options));
  // Another UID is another object. Another version only means that it has to be looked at again.
  const bool is_other = !removed && removed.error().conflict() && intent.precondition.empty();
  const bool gone = removed || removed.error().not_found() || is_other;
  if (!gone) co_return k8s::refuse(std::move(removed).error());
  co_return ActionResult{};
}

}  // namespace annals::actions
