#include "fsm/view/collations.h"

#include <algorithm>
#include <string>

#include "base/concat.h"
#include "fsm/text/say.h"
#include "manifests/labels.h"

namespace annals::fsm {
namespace {

// How many are not named; empty for none.
std::string not_named(std::size_t named, std::int64_t count) {
  const auto all = static_cast<std::size_t>(std::max<std::int64_t>(count, 0));
  return all > named ? concat(all - named) : std::string();
}

Message rebuilds_of(const DifferingCollations& found, const DifferingDatabase& database) {
  if (found.unseen.contains(database.name)) return say::indexes_unseen();
  if (database.indexes.empty()) return {};
  return say::indexes_to_rebuild(database.index_count, listed(database.indexes),
                                 not_named(database.indexes.size(), database.index_count));
}

std::vector<Message> differences_of(const DifferingDatabase& database) {
  std::vector<Message> collations;
  if (!database.recorded.empty())
    collations.push_back(say::database_collation_differs(database.recorded, database.actual));
  for (const DifferingCollation& each : database.collations)
    collations.push_back(say::collation_differs(each.name, each.recorded, each.actual));
  const std::string more = not_named(database.collations.size(), database.collation_count);
  if (!more.empty()) collations.push_back(say::more_collations_differ(more));
  return collations;
}

// Afterwards PostgreSQL takes what is there for built by the version that it has now.
std::string refreshes_of(const DifferingDatabase& database) {
  std::vector<std::string> statements;
  for (const DifferingCollation& each : database.collations)
    statements.push_back(concat("ALTER COLLATION ", each.name, " REFRESH VERSION"));
  if (!database.recorded.empty())
    statements.push_back(concat("ALTER DATABASE ", database.name, " REFRESH COLLATION VERSION"));
  return listed(statements);
}

Message database_told(const DifferingCollations& found, const DifferingDatabase& database) {
  return say::database_collations_differ(database.name, differences_of(database),
                                         rebuilds_of(found, database), refreshes_of(database));
}

}  // namespace

bool is_any_collation_different(const ClusterState& state) {
  return state.collations && !state.collations->found.databases.empty();
}

bool has_indexes_to_rebuild(const ClusterState& state) {
  if (!state.collations) return false;
  const DifferingCollations& found = state.collations->found;
  return std::ranges::any_of(found.databases, [&found](const auto& each) {
    return !each.indexes.empty() || found.unseen.contains(each.name);
  });
}

std::vector<Message> collation_mismatch(const ClusterState& state) {
  if (!is_any_collation_different(state)) return {};
  const DifferingCollations& found = state.collations->found;
  std::vector<Message> databases;
  databases.reserve(found.databases.size());
  for (const DifferingDatabase& database : found.databases)
    databases.push_back(database_told(found, database));
  const std::string more = not_named(found.databases.size(), found.database_count);
  return {
      say::collations_differ(std::move(databases), more, manifests::annotation::kCheckCollations)};
}

}  // namespace annals::fsm
