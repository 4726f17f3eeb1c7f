#include "actions/fetch_custom_resource.h"

#include "actions/resources.h"
#include "fsm/model/object_ref.h"

namespace annals::actions {

boost::asio::awaitable<Answer<std::string>> fetch_custom_resource(ClusterIdentity cluster,
                                                                  ActionContext context) {
  const fsm::ObjectRef ref{.api_version = "postgres-operator.crunchydata.com/v1beta1",
                           .kind = "PostgresCluster",
                           .name_space = cluster.name_space,
                           .name = cluster.name};
  const Result<k8s::Resource> resource = resource_of(ref);
  if (!resource) co_return k8s::refuse(k8s::Trouble::kNotSent, resource.error().detail);
  Answer<std::string> object = co_await context.client.get(*resource, name_of(ref), context.place);
  co_return object;
}

}  // namespace annals::actions
