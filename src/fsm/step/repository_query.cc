#include "fsm/step/repository_query.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <variant>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/text/say.h"
#include "fsm/view/backup_request.h"
#include "fsm/view/database.h"
#include "fsm/view/known_contents.h"
#include "fsm/view/rendering.h"
#include "fsm/view/repository_host.h"
#include "fsm/view/standing_look.h"
#include "manifests/labels.h"
#include "manifests/names.h"
#include "manifests/pgbackrest/pgbackrest_config.h"

namespace annals::fsm {
namespace {

struct Place {
  std::string pod;
  const char* container;
};

// A repository on a volume is with its host, which does not need the primary. One in an object
// store is asked by the primary, or while there is none by a pod that is there for it.
std::optional<Place> place_to_ask(ClusterState& state, const std::string& repo) {
  const std::vector<spec::Repository>& repos = spec::repositories(rendered(state).cluster);
  const auto found = std::ranges::find(repos, repo, &spec::Repository::name);
  if (found == repos.end()) return std::nullopt;
  if (const PodObserved* host = found->volume ? repository_host(state) : nullptr)
    return Place{.pod = host->name, .container = manifests::kPgBackRestContainer};
  if (found->volume) return std::nullopt;
  if (const PodObserved* pod = primary(state))
    return Place{.pod = pod->name, .container = manifests::kDatabaseContainer};
  if (const PodObserved* reader = repository_reader(state))
    return Place{.pod = reader->name, .container = manifests::kPgBackRestContainer};
  return std::nullopt;
}

// Nobody is asked before the operator can log in.
void ask_server_too(ClusterState& state, ReadRepository& look) {
  if (primary(state) == nullptr || !is_open(state)) return;
  const RunSql& sql = rendered(state).sql;
  look.host = sql.host;
  look.port = sql.port;
  look.authority_secret = sql.authority_secret;
  look.server = sql.server;
}

bool asks_same_server(const ReadRepository& look, const ReadRepository& other) {
  return look.host == other.host && look.port == other.port &&
         look.authority_secret == other.authority_secret && look.server == other.server;
}

std::string target_of_repository(const std::string& repo) {
  return concat(kRepositoryTarget, repo);
}

}  // namespace

void ask_repository(StepBuilder& builder, const char* machine, const std::string& repo,
                    const Message& reason, std::int64_t every) {
  ClusterState& state = builder.state();
  const std::string target = target_of_repository(repo);
  if (is_pending_once(state, target) || is_waiting_to_retry(state, target)) return;
  const std::optional<Place> place = place_to_ask(state, repo);
  if (!place) return;
  end_standing_look(state, target);
  // That the last one has failed is over: that is news.
  if (state.retries.contains(target)) every = 0;
  ReadRepository action{.digest = {},
                        .pod = place->pod,
                        .container = place->container,
                        .repo = repo,
                        .stanza = manifests::kStanza,
                        .backup = newest_backup(state, repo),
                        .request = contents_request(state),
                        .restored = state.backup.after,
                        .known = digest_of_known(state, repo),
                        .every = every};
  ask_server_too(state, action);
  action.digest = sha256_hex(
      concat(action.pod, "\n", action.container, "\n", action.repo, "\n", action.stanza));
  builder.decide({.machine = machine,
                  .transition = "read-repository",
                  .reason = say::reading_repository(repo, reason),
                  .inputs = {{.name = "pod", .value = place->pod, .holds = true}},
                  .intents = {}},
                 {std::move(action)});
}

bool is_looked_at(ClusterState& state, const std::string& repo) {
  const Action* look = standing_look(state, target_of_repository(repo));
  if (look == nullptr) return false;
  const std::optional<Place> place = place_to_ask(state, repo);
  if (!place) return true;
  ReadRepository next;
  ask_server_too(state, next);
  const auto& its = std::get<ReadRepository>(*look);
  return its.pod == place->pod && (next.host.empty() || asks_same_server(its, next));
}

void end_look_at(ClusterState& state, const std::string& repo) {
  end_standing_look(state, target_of_repository(repo));
}

Message obstacle_to_repository(ClusterState& state, const std::string& repo) {
  const std::string target = target_of_repository(repo);
  const auto retry = state.retries.find(target);
  if (retry != state.retries.end()) return retry->second.error;
  if (is_pending_once(state, target) || place_to_ask(state, repo)) return {};
  return say::nobody_reaches_repository();
}

std::string newest_backup(const ClusterState& state, const std::string& repo) {
  std::string newest;
  for (const ObjectObserved* job : jobs_of(state)) {
    const JobFields& told = *job->fields.job;
    // Times of the same form and zone, as Kubernetes writes them.
    if (told.repo == repo && told.complete)
      newest = std::max(newest, told.completion_time.value_or(""));
  }
  return newest;
}

std::string contents_request(ClusterState& state) {
  const auto& annotations = rendered(state).cluster.annotations;
  const auto request = annotations.find(manifests::annotation::kPgBackRestInfo);
  return request == annotations.end() ? std::string() : request->second;
}

const RepositorySeen* repository_seen(const ClusterState& state, const std::string& repo) {
  const auto seen = state.repositories.find(repo);
  return seen == state.repositories.end() ? nullptr : &seen->second;
}

}  // namespace annals::fsm
