#include "actions/read_volumes.h"

#include <utility>

#include "actions/resources.h"
#include "k8s/text/json.h"
#include "lens/volume.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::ReadVolumes intent, ClusterIdentity cluster,
                                                 ActionContext context) {
  ActionResult done;
  for (const std::string& claim : intent.claims) {
    const fsm::ObjectRef ref{.api_version = "v1",
                             .kind = "PersistentVolumeClaim",
                             .name_space = cluster.name_space,
                             .name = claim};
    const Result<k8s::Resource> resource = resource_of(ref);
    if (!resource) co_return k8s::refuse(k8s::Trouble::kNotSent, resource.error().detail);
    const Answer<std::string> object =
        co_await context.client.get(*resource, name_of(ref), context.place);
    if (!object && !object.error().not_found()) co_return k8s::refuse(object.error());
    fsm::VolumeSeen& seen = done.volumes[claim];
    if (!object) continue;
    k8s::JsonReader reader;
    Result<fsm::VolumeSeen> read = lens::read_volume(reader, *object);
    if (!read) co_return k8s::refuse(k8s::Trouble::kUnusable, to_string(read.error()));
    seen = *std::move(read);
  }
  co_return done;
}

}  // namespace annals::actions
