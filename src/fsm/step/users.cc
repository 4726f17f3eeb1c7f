#include "fsm/step/users.h"

#include "fsm/text/say.h"
#include "fsm/view/database.h"
#include "fsm/view/in_sync.h"
#include "fsm/view/rendering.h"
#include "fsm/view/standby.h"

namespace annals::fsm {
namespace {

void write_users(StepBuilder& builder) {
  ClusterState& state = builder.state();
  if (primary(state) == nullptr || first_not_in_sync(state) != nullptr) return;
  if (is_sql_in_sync(state) || is_pending(state, "sql") || is_waiting_to_retry(state, "sql"))
    return;
  RunSql sql = rendered(state).sql;
  sql.digest = sql_digest(state);
  builder.decide(
      {.machine = "provision",
       .transition = "open-database",
       .reason = say::writing_users(primary(state)->name, sql.users.size(), sql.databases.size()),
       .inputs = {{.name = "primary-is-ready", .value = primary(state)->name, .holds = true},
                  {.name = "sql-asked-before", .value = sql.digest.substr(0, 12), .holds = false}},
       .intents = {}},
      {sql});
}

}  // namespace

Wait wait_for_users(const OperationView& view) {
  ClusterState& state = view.state;
  if (is_sql_in_sync(state) || follows_another(state)) return {.satisfied = true};
  const auto retry = state.retries.find(kSqlTarget);
  return {.satisfied = false,
          .waits_for = say::users_to_be_written(
              retry == state.retries.end() ? Message() : retry->second.error)};
}

Wait open_database(StepBuilder& builder, const OperationView& view) {
  write_users(builder);
  return wait_for_users(view);
}

}  // namespace annals::fsm
