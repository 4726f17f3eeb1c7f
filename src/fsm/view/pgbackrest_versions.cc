#include "fsm/view/pgbackrest_versions.h"

#include <string>

#include "base/concat.h"
#include "fsm/text/say.h"
#include "fsm/view/rendering.h"
#include "spec/pgbackrest_option_table.h"
#include "spec/pgbackrest_options.h"

namespace annals::fsm {
namespace {

// The first that restores block incrementals; the one before refuses to take them.
constexpr const char* kBlockVersion = "2.46";

// Of the last backup; empty: not known.
std::string version_of_backups(const ClusterState& state, const std::string& repo) {
  const auto seen = state.repositories.find(repo);
  if (seen == state.repositories.end() || seen->second.contents.backups.empty()) return {};
  return seen->second.contents.backups.back().program;
}

void add_block_doubts(const ClusterState& state, const std::string& repo,
                      const std::string& of_instances, std::vector<Message>& doubts) {
  const std::string of_backups = version_of_backups(state, repo);
  if (spec::is_older_version(of_instances, kBlockVersion))
    doubts.push_back(say::block_not_restorable(repo, of_instances));
  if (spec::is_older_version(of_backups, kBlockVersion))
    doubts.push_back(say::block_not_taken(repo, of_backups));
}

}  // namespace

std::vector<Message> version_doubts(ClusterState& state) {
  const Rendered& all = rendered(state);
  std::vector<Message> doubts;
  if (all.options_of_some_versions.empty() && all.block_repositories.empty()) return doubts;
  const std::string version = state.archiver ? state.archiver->its.version : std::string();
  for (const std::string& name : all.options_of_some_versions) {
    const spec::PgBackRestOption* option = spec::find_pgbackrest_option(name).option;
    if (option != nullptr && !spec::may_have_option(version, *option))
      doubts.push_back(say::option_of_newer_version(name, version));
  }
  for (const std::string& repo : all.block_repositories)
    add_block_doubts(state, repo, version, doubts);
  return doubts;
}

}  // namespace annals::fsm
