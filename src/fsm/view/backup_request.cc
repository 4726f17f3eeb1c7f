#include "fsm/view/backup_request.h"

#include <sstream>

#include "base/concat.h"
#include "fsm/text/say.h"
#include "manifests/labels.h"
#include "spec/pgbackrest_option_rules.h"

namespace annals::fsm {
namespace {

constexpr const char* kOptions = "spec.backups.pgbackrest.manual.options";

std::vector<std::string> words_of(const std::vector<std::string>& options) {
  std::vector<std::string> words;
  for (const std::string& option : options) {
    std::istringstream text(option);
    for (std::string word; text >> word;) words.push_back(word);
  }
  return words;
}

}  // namespace

std::string backup_request(const spec::PostgresCluster& cluster) {
  const auto request = cluster.annotations.find(manifests::annotation::kPgBackRestBackup);
  return request == cluster.annotations.end() ? std::string() : request->second;
}

RequestMistake mistake_in_request(const spec::PostgresCluster& cluster) {
  if (!spec::has_backups(cluster)) return {"InvalidManualBackup", say::backup_without_repository()};
  const std::optional<spec::ManualBackup>& requested = cluster.spec.backups->pgbackrest->manual;
  if (!requested) return {"InvalidManualBackup", say::manual_backup_not_described()};
  std::string names;
  bool is_known = false;
  for (const spec::Repository& repo : spec::repositories(cluster)) {
    names += concat(names.empty() ? "" : ", ", repo.name);
    is_known = is_known || repo.name == requested->repo_name;
  }
  if (!is_known)
    return {"InvalidBackupRepo", say::manual_backup_repo_unknown(requested->repo_name, names)};
  const std::vector<spec::Mistake> mistakes =
      spec::mistakes_in_backup_options(requested->options, kOptions);
  if (!mistakes.empty()) {
    return {"InvalidManualBackup", say::spec_mistake(mistakes.front().field, mistakes.front().value,
                                                     mistakes.front().remedy)};
  }
  for (const std::string& word : words_of(requested->options)) {
    const std::string name = word.substr(0, word.find('='));
    if (name == "--repo" || name == "--stanza")
      return {"InvalidManualBackup", say::manual_backup_option_refused(name)};
  }
  return {};
}

std::vector<const ObjectObserved*> jobs_of(const ClusterState& state) {
  std::vector<const ObjectObserved*> jobs;
  const ObjectRef first{.api_version = "batch/v1", .kind = "Job", .name_space = {}, .name = {}};
  for (auto at = state.objects.lower_bound(first);
       at != state.objects.end() && at->first.kind == first.kind; ++at)
    jobs.push_back(&at->second);
  return jobs;
}

const ObjectObserved* job_for(const ClusterState& state, const std::string& request) {
  if (request.empty()) return nullptr;
  for (const ObjectObserved* job : jobs_of(state)) {
    if (job->fields.job->request == request) return job;
  }
  return nullptr;
}

}  // namespace annals::fsm
