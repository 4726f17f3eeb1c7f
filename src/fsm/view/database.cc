#include "fsm/view/database.h"

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/view/rendering.h"

namespace annals::fsm {

const PodObserved* primary(const ClusterState& state) {
  const PodObserved* pod = leader(state);
  return pod == nullptr || pod->standby_leader ? nullptr : pod;
}

const PodObserved* leader(const ClusterState& state) {
  for (const auto& [name, pod] : state.pods) {
    if (pod.role == "master" && pod.ready && !pod.deleting) return &pod;
  }
  return nullptr;
}

std::string sql_digest(ClusterState& state) {
  const RunSql& sql = rendered(state).sql;
  std::string& digest = state.rendered.found().sql_digest;
  if (!digest.empty()) return digest;
  std::string text = sql.digest;
  for (const SqlUser& user : sql.users) {
    const auto secret = state.objects.find({.api_version = "v1",
                                            .kind = "Secret",
                                            .name_space = state.spec->name_space,
                                            .name = user.secret});
    if (secret == state.objects.end()) continue;
    text += concat("\n", secret->second.uid, " ", secret->second.digest);
  }
  return digest = sha256_hex(text);
}

bool is_sql_in_sync(ClusterState& state) {
  const auto written = state.written.find(kSqlTarget);
  return written != state.written.end() && written->second.asked == sql_digest(state);
}

bool is_open(ClusterState& state) {
  return state.phase == ProvisionPhase::kDone && is_sql_in_sync(state);
}

}  // namespace annals::fsm
