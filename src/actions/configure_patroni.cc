#include "actions/configure_patroni.h"

#include <utility>

#include "actions/patroni_login.h"
#include "actions/resources.h"
#include "postgres/patroni/patroni.h"

namespace annals::actions {
namespace {

// What Patroni answers to a GET is what it has read last, up to a turn of its loop ago.
boost::asio::awaitable<Answer<ActionResult>> read_store(const fsm::ObjectRef& ref,
                                                        ActionContext context) {
  const Result<k8s::Resource> resource = resource_of(ref);
  if (!resource) co_return k8s::refuse(k8s::Trouble::kNotSent, resource.error().detail);
  const Answer<std::string> object =
      co_await context.client.get(*resource, name_of(ref), context.place);
  if (!object) co_return k8s::refuse(object.error());
  co_return result_of(*object);
}

}  // namespace

boost::asio::awaitable<Answer<ActionResult>> run(fsm::ConfigurePatroni intent,
                                                 ClusterIdentity cluster, ActionContext context) {
  Answer<PatroniSession> patroni = co_await patroni_at(
      std::move(intent.host), std::move(intent.authority_secret), cluster, context);
  if (!patroni) co_return k8s::refuse(std::move(patroni).error());
  // Patroni would rewind a cluster that has a primary, and what it has written would be gone.
  if (postgres::makes_standby(intent.configuration)) {
    const Answer<ActionResult> before = co_await read_store(intent.ref, context);
    if (!before) co_return k8s::refuse(before.error());
    if (!before->fields.patroni->standby)
      co_return k8s::refuse(k8s::Trouble::kNotSent,
                            "the cluster has a primary: it is made no standby");
  }
  Result<std::string> done = co_await patroni->api.put_config(std::move(intent.configuration));
  if (!done) co_return to_action_error(with_forward_error(patroni->endpoint, done.error()));
  Answer<ActionResult> kept = co_await read_store(intent.ref, context);
  // The first request was accepted: from here on nothing is "not sent".
  if (!kept) co_return k8s::refuse(k8s::Trouble::kUnknownOutcome, to_string(kept.error()));
  ActionResult written;
  written.version = kept->version;
  written.digest = kept->fields.patroni->config.value_or("");
  co_return written;
}

}  // namespace annals::actions
