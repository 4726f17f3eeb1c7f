#include "fsm/step/remove_receipt_job.h"

#include "fsm/text/say.h"
#include "fsm/view/shutdown_receipt.h"

namespace annals::fsm {

void remove_receipt_job(StepBuilder& builder, const std::string& machine) {
  ClusterState& state = builder.state();
  const ObjectObserved* job = receipt_job(state);
  const std::string target = to_string(receipt_job_ref(state));
  if (job == nullptr || is_pending(state, target) || is_waiting_to_retry(state, target)) return;
  builder.decide({.machine = machine,
                  .transition = "remove-job",
                  .reason = say::removing_receipt_job(target),
                  .inputs = {{.name = "target", .value = target, .holds = true}},
                  .intents = {}},
                 {DeleteObject{.ref = job->ref,
                               .digest = job->uid,
                               .guard = {.lost = say::log_of_ended_job(),
                                         .other_copy = say::no_copy_needed(),
                                         .allowed_by = say::receipt_job_not_needed()}}});
}

}  // namespace annals::fsm
