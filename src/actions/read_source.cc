#include "actions/read_source.h"

#include <utility>

#include "actions/fetch_custom_resource.h"
#include "actions/read_repository.h"
#include "k8s/text/json.h"
#include "lens/cluster.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::ReadSource intent,
                                                 ClusterIdentity /*cluster*/,
                                                 ActionContext context) {
  ActionResult done;
  ClusterIdentity source;
  source.name_space = intent.name_space;
  source.name = intent.cluster;
  const Answer<std::string> object = co_await fetch_custom_resource(std::move(source), context);
  if (!object && !object.error().not_found()) co_return k8s::refuse(object.error());
  if (!object) {
    done.source = fsm::SourceCluster{};
    co_return done;
  }
  k8s::JsonReader reader;
  Result<lens::ClusterView> view = lens::read_cluster_view(reader, *object);
  if (!view) co_return k8s::refuse(k8s::Trouble::kUnusable, to_string(view.error()));
  done.source = fsm::SourceCluster{
      .found = true, .uid = view->meta.key.uid, .resource = std::move(view->fact.resource)};
  RepositoryQuestion question{.pod = {intent.name_space, intent.pod},
                              .container = intent.container,
                              .stanza = intent.stanza,
                              .repo = intent.repo};
  Answer<fsm::RepositoryContents> contents = co_await ask_repository(std::move(question), context);
  if (contents) {
    done.contents = *std::move(contents);
  } else {
    done.contents = fsm::RepositoryContents{.code = fsm::kRepositoryUnreadable,
                                            .trouble = to_string(contents.error())};
  }
  co_return done;
}

}  // namespace annals::actions
