#include "fsm/step/standby_query.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/text/say.h"
#include "fsm/view/database.h"
#include "fsm/view/rendering.h"
#include "fsm/view/standby_progress.h"
#include "fsm/view/standing_look.h"
#include "manifests/names.h"
#include "manifests/pgbackrest/receipt_file.h"

namespace annals::fsm {
namespace {

// The one that it follows; where none is named, each that both clusters may have.
std::vector<std::string> repositories_with_receipt(ClusterState& state) {
  const spec::PostgresCluster& cluster = rendered(state).cluster;
  if (!spec::has_backups(cluster)) return {};
  const std::optional<spec::Standby>& standby = cluster.spec.standby;
  const std::string followed = standby ? standby->repo_name : std::string();
  std::vector<std::string> names;
  for (const spec::Repository& repo : spec::repositories(cluster)) {
    if (followed.empty() ? !repo.volume : repo.name == followed) names.push_back(repo.name);
  }
  return names;
}

std::string all_of(const ReadStandby& its) {
  return concat(its.host, ":", its.port, "\n", its.pod, "\n", its.container, "\n", its.source.user,
                "\n", its.source.certificates, "\n", its.source.host, ":", its.source.port, "\n",
                listed(its.source.members), its.source.looks_for_wal ? "\nwal" : "", "\n",
                listed(its.repos), "\n", its.leader, "\n", its.promotion,
                its.claim == Claim::kLeave  ? ""
                : its.claim == Claim::kMake ? "\nclaims"
                                            : "\nno-claim");
}

std::vector<std::string> members_in(const ClusterState& state) {
  std::vector<std::string> names;
  for (const auto& [name, pod] : state.pods) {
    if (!pod.instance.empty()) names.push_back(name);
  }
  return names;
}

// The last answer to questions of that kind.
const StandbyAnswer* last_answer(const ClusterState& state, const StandbyQuestion& asked) {
  if (!asked.successor.empty()) return state.role.successor ? &state.role.successor->its : nullptr;
  return state.standby ? &state.standby->its : nullptr;
}

ReadStandby question_for(ClusterState& state, const PodObserved& pod,
                         const StandbyQuestion& asked) {
  const Rendered& all = rendered(state);
  ReadStandby question{.digest = {},
                       .host = all.sql.host,
                       .port = all.sql.port,
                       .authority_secret = all.sql.authority_secret,
                       .server = all.sql.server,
                       .pod = pod.name,
                       .container = manifests::kDatabaseContainer,
                       .claim = asked.claim,
                       .leader = pod.uid,
                       .promotion = asked.promotion,
                       .awaited_lsn = asked.awaited,
                       .every = asked.every};
  if (!asked.promotion.empty() || !asked.successor.empty() || asked.is_silent)
    question.source = {.host = asked.successor,
                       .port = asked.port,
                       .user = manifests::kReplicationUser,
                       .certificates = manifests::paths::kReplicationCertificates,
                       .members = members_in(state),
                       .looks_for_wal = asked.is_silent};
  if (!asked.promotion.empty()) {
    question.repos = repositories_with_receipt(state);
    question.receipt_file = manifests::kReceiptFile;
  }
  question.digest = sha256_hex(all_of(question));
  const StandbyAnswer* last = last_answer(state, asked);
  if (last == nullptr) return question;
  question.known = known_of(*last, asked.awaited);
  question.figures = numbers_of(*last);
  question.figures_from = state.now + asked.between_figures;
  return question;
}

bool stands(ClusterState& state, const ReadStandby& wanted) {
  const Action* look = standing_look(state, kStandbyTarget);
  if (look == nullptr) return false;
  const auto& its = std::get<ReadStandby>(*look);
  return its.digest == wanted.digest && its.authority_secret == wanted.authority_secret &&
         its.server == wanted.server && its.every == wanted.every &&
         its.awaited_lsn == wanted.awaited_lsn;
}

}  // namespace

void ask_standby(StepBuilder& builder, const StandbyQuestion& question, const Message& reason) {
  ClusterState& state = builder.state();
  const PodObserved* pod = leader(state);
  if (pod == nullptr || is_pending_once(state, kStandbyTarget) ||
      is_waiting_to_retry(state, kStandbyTarget))
    return;
  end_standing_look(state, kStandbyTarget);
  StandbyQuestion asked = question;
  // That the last one has failed is over: that is news.
  if (state.retries.contains(kStandbyTarget)) asked.every = 0;
  // Never by a look that stands: what is on its way when a promotion begins must not take back what
  // that claims.
  if (asked.claim == Claim::kTakeBack) asked.every = 0;
  builder.decide({.machine = asked.machine,
                  .transition = "read-standby",
                  .reason = say::reading_standby(pod->name, reason),
                  .inputs = {{.name = "leader-is-ready", .value = pod->name, .holds = true}},
                  .intents = {}},
                 {question_for(state, *pod, asked)});
}

void keep_looking_at_standby(StepBuilder& builder, const StandbyQuestion& question,
                             const Message& reason) {
  ClusterState& state = builder.state();
  const PodObserved* pod = leader(state);
  if (pod == nullptr || stands(state, question_for(state, *pod, question))) return;
  ask_standby(builder, question, reason);
}

Message obstacle_to_standby(const ClusterState& state) {
  const auto retry = state.retries.find(kStandbyTarget);
  return retry == state.retries.end() ? Message() : retry->second.error;
}

}  // namespace annals::fsm
