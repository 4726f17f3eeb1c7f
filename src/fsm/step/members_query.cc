#include "fsm/step/members_query.h"

#include "base/sha256.h"
#include "fsm/text/say.h"
#include "fsm/view/members.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace {

// Whom to ask: the leader knows best, else anybody.
const PodObserved* somebody_to_ask(const ClusterState& state) {
  const PodObserved* found = nullptr;
  for (const Member& member : members_of(state)) {
    if (member.available && (found == nullptr || member.leads)) found = member.pod;
  }
  return found;
}

}  // namespace

const MembersSeen* fresh_members(StepBuilder& builder, const char* machine, const Message& reason) {
  ClusterState& state = builder.state();
  if (state.members && state.now - state.members->at <= kMembersFresh) return &*state.members;
  if (is_pending(state, kMembersTarget) || is_waiting_to_retry(state, kMembersTarget))
    return nullptr;
  const PodObserved* pod = somebody_to_ask(state);
  if (pod == nullptr) return nullptr;
  builder.decide({.machine = machine,
                  .transition = "ask-members",
                  .reason = say::querying_members(reason),
                  .inputs = {},
                  .intents = {}},
                 {AskPatroni{.digest = sha256_hex(state.uid.value()),
                             .host = host_of(state, pod->name),
                             .authority_secret = manifests::kRootAuthority}});
  return nullptr;
}

Message obstacle_to_members(const ClusterState& state) {
  const auto retry = state.retries.find(kMembersTarget);
  if (retry != state.retries.end()) return retry->second.error;
  if (is_pending(state, kMembersTarget) || somebody_to_ask(state) != nullptr) return {};
  return say::nobody_to_ask();
}

}  // namespace annals::fsm
