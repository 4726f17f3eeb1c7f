#include "actions/emit_event.h"

#include <utility>

#include "fsm/text/sentence.h"
#include "k8s/client/events.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::EmitEvent intent, ClusterIdentity cluster,
                                                 ActionContext context) {
  k8s::EventNote note;
  note.api_version = intent.ref.api_version;
  note.kind = intent.ref.kind;
  note.regarding = {
      .name_space = intent.ref.name_space, .name = intent.ref.name, .uid = cluster.uid.value()};
  note.type = intent.warning ? k8s::EventType::kWarning : k8s::EventType::kNormal;
  note.reason = std::move(intent.reason);
  note.action = "Reconcile";
  note.note = fsm::sentence(intent.message);
  std::string id = intent.digest.substr(0, 16);
  const Answer<void> made =
      co_await k8s::record_once(&context.client, std::move(note), std::move(id));
  if (!made) co_return k8s::refuse(made.error());
  co_return ActionResult{};
}

}  // namespace annals::actions
