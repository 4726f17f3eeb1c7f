#include "actions/write_configuration.h"

#include <optional>
#include <string>
#include <utility>

#include "actions/configuration_patch.h"
#include "actions/resources.h"
#include "k8s/lens/json_digest.h"
#include "k8s/text/json.h"

namespace annals::actions {
namespace {

// Nothing where nobody holds it.
boost::asio::awaitable<Answer<void>> check_lock(fsm::ObjectRef lock, ActionContext context) {
  const Result<k8s::Resource> resource = resource_of(lock);
  if (!resource) co_return k8s::refuse(k8s::Trouble::kNotSent, resource.error().detail);
  const Answer<std::string> object =
      co_await context.client.get(*resource, name_of(lock), context.place);
  if (!object && object.error().not_found()) co_return Answer<void>();
  if (!object) co_return k8s::refuse(object.error());
  const Result<std::string> holder = holder_of_lock(*object, context.clock.now());
  if (!holder) co_return k8s::refuse(k8s::Trouble::kNotSent, holder.error().detail);
  if (!holder->empty())
    co_return k8s::refuse(k8s::Trouble::kNotSent, "pod ", *holder, " holds Patroni's lock");
  co_return Answer<void>();
}

}  // namespace

boost::asio::awaitable<Answer<ActionResult>> run(fsm::WriteConfiguration intent,
                                                 ClusterIdentity cluster, ActionContext context) {
  const Answer<void> free = co_await check_lock(intent.lock, context);
  if (!free) co_return k8s::refuse(free.error());
  const Result<k8s::Resource> resource = resource_of(intent.ref);
  if (!resource) co_return k8s::refuse(k8s::Trouble::kNotSent, resource.error().detail);
  const Answer<std::string> object =
      co_await context.client.get(*resource, name_of(intent.ref), context.place);
  if (!object) co_return k8s::refuse(object.error());
  Result<std::optional<std::string>> patch =
      configuration_patch(*object, intent.configuration, cluster);
  if (!patch) co_return k8s::refuse(k8s::Trouble::kNotSent, patch.error().detail);
  if (*patch) {
    k8s::WriteOptions options;
    options.place = context.place;
    Answer<std::string> patched = co_await context.client.merge_patch(
        *resource, name_of(intent.ref), std::move(**patch), options);
    if (!patched) co_return k8s::refuse(std::move(patched).error());
  }
  k8s::JsonReader reader;
  ActionResult written;
  written.digest = k8s::digest_of_json(reader, intent.configuration);
  co_return written;
}

}  // namespace annals::actions
