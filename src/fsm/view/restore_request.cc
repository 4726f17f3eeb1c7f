#include "fsm/view/restore_request.h"

#include <algorithm>
#include <string_view>

#include "base/concat.h"
#include "fsm/text/say.h"
#include "manifests/labels.h"

namespace annals::fsm {
namespace {

constexpr const char* kInvalidDataSource = "InvalidDataSource";
constexpr const char* kOptionsPath = "spec.backups.pgbackrest.restore.options";

bool is_undo(std::string_view id) { return id == "undo" || id.starts_with("undo-"); }

// Null where it is not described.
const spec::Restore* described_restore(const spec::PostgresCluster& cluster) {
  if (!spec::has_backups(cluster)) return nullptr;
  const std::optional<spec::Restore>& restore = cluster.spec.backups->pgbackrest->restore;
  return restore ? &*restore : nullptr;
}

bool names_other_cluster(const spec::RestoreSource& source, const spec::PostgresCluster& cluster) {
  const auto is_other = [](const std::string& given, const std::string& own) {
    return !given.empty() && given != own;
  };
  return is_other(source.cluster_name, cluster.name) ||
         is_other(source.cluster_namespace, cluster.namespace_name);
}

RestoreRefusal wrong_request(Message text) {
  return {.reason = kInvalidDataSource, .text = std::move(text)};
}

RestoreRefusal mistake_in_options(const spec::Restore& restore) {
  std::vector<Message> mistakes;
  for (const spec::Mistake& mistake :
       spec::read_restore_options(restore.source.options, kOptionsPath).mistakes)
    mistakes.push_back(say::spec_mistake(mistake.field, mistake.value, mistake.remedy));
  if (mistakes.empty()) return {};
  return wrong_request(say::restore_options_refused(std::move(mistakes)));
}

}  // namespace

RestoreRequest restore_request(const spec::PostgresCluster& cluster) {
  const auto request = cluster.annotations.find(manifests::annotation::kPgBackRestRestore);
  if (request == cluster.annotations.end()) return {};
  if (is_undo(request->second)) return {.id = request->second, .undo = true};
  const spec::Restore* restore = described_restore(cluster);
  if (restore == nullptr || !restore->enabled) return {};
  return {.id = request->second};
}

RestoreRefusal mistake_in_restore(const spec::PostgresCluster& cluster) {
  if (!spec::has_backups(cluster)) return wrong_request(say::restore_without_repository());
  const spec::Restore* restore = described_restore(cluster);
  if (restore == nullptr) return wrong_request(say::restore_not_described());
  if (spec::asks_for_standby(cluster)) return wrong_request(say::restore_of_standby());
  if (names_other_cluster(restore->source, cluster)) {
    const std::string& name_space = restore->source.cluster_namespace;
    return wrong_request(say::restore_of_other_cluster(
        concat(name_space, name_space.empty() ? "" : "/", restore->source.cluster_name)));
  }
  const std::vector<spec::Repository>& repos = spec::repositories(cluster);
  if (std::ranges::find(repos, restore->source.repo_name, &spec::Repository::name) == repos.end()) {
    std::vector<std::string> names;
    for (const spec::Repository& repo : repos) names.push_back(repo.name);
    return wrong_request(say::restore_repo_unknown(restore->source.repo_name, listed(names)));
  }
  return mistake_in_options(*restore);
}

spec::RestoreOptions options_of_restore(const spec::PostgresCluster& cluster) {
  const spec::Restore* restore = described_restore(cluster);
  if (restore == nullptr) return {};
  return spec::read_restore_options(restore->source.options, kOptionsPath).options;
}

std::string restore_described(const spec::PostgresCluster& cluster) {
  const spec::Restore* restore = described_restore(cluster);
  if (restore == nullptr) return {};
  std::string text = restore->source.repo_name;
  for (const std::string& option : restore->source.options) text += concat(' ', option);
  return text;
}

}  // namespace annals::fsm
