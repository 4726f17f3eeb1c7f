#include "actions/read_source.h"

#include <utility>

#include "actions/fetch_custom_resource.h"
#include "actions/read_repository.h"
#include "k8s/text/json.h"
#include "lens/cluster.h"

namespace annals::actions {
namespace {

// One that does not exist is an answer too.
boost::asio::awaitable<Answer<fsm::SourceCluster>> look_at_cluster(fsm::ReadSource intent,
                                                                   ActionContext context) {
  ClusterIdentity source;
  source.name_space = intent.name_space;
  source.name = intent.cluster;
  const Answer<std::string> object = co_await fetch_custom_resource(std::move(source), context);
  if (!object && !object.error().not_found()) co_return k8s::refuse(object.error());
  if (!object) co_return fsm::SourceCluster{};
  k8s::JsonReader reader;
  Result<lens::ClusterView> view = lens::read_cluster_view(reader, *object);
  if (!view) co_return k8s::refuse(k8s::Trouble::kUnusable, to_string(view.error()));
  co_return fsm::SourceCluster{
      .found = true, .uid = view->meta.key.uid, .resource = std::move(view->fact.resource)};
}

boost::asio::awaitable<fsm::RepositoryContents> contents_told_by(fsm::ReadSource intent,
                                                                 ActionContext context) {
  const std::string& name_space =
      intent.pod_namespace.empty() ? intent.name_space : intent.pod_namespace;
  RepositoryQuestion question{.pod = {name_space, intent.pod},
                              .container = intent.container,
                              .stanza = intent.stanza,
                              .repo = intent.repo};
  Answer<fsm::RepositoryContents> contents = co_await ask_repository(std::move(question), context);
  if (contents) co_return *std::move(contents);
  co_return fsm::RepositoryContents{.code = fsm::kRepositoryUnreadable,
                                    .trouble = to_string(contents.error())};
}

}  // namespace

boost::asio::awaitable<Answer<ActionResult>> run(fsm::ReadSource intent,
                                                 ClusterIdentity /*cluster*/,
                                                 ActionContext context) {
  ActionResult done;
  done.source = fsm::SourceCluster{.found = true};
  if (!intent.cluster.empty()) {
    Answer<fsm::SourceCluster> source = co_await look_at_cluster(intent, context);
    if (!source) co_return k8s::refuse(std::move(source).error());
    done.source = *std::move(source);
  }
  if (!done.source->found || intent.pod.empty()) co_return done;
  done.contents = co_await contents_told_by(std::move(intent), context);
  co_return done;
}

}  // namespace annals::actions
