#include "fsm/machines/init_sql.h"

#include <utility>

#include "base/concat.h"
#include "base/sha256.h"
#include "fsm/step/events.h"
#include "fsm/text/say.h"
#include "fsm/view/database.h"
#include "fsm/view/rendering.h"
#include "manifests/names.h"

namespace annals::fsm {
namespace {

constexpr const char* kFailed = "DatabaseInitSQLFailed";

void tell_of_failures(StepBuilder& builder, const spec::DatabaseInitSql& script) {
  const auto retry = builder.state().retries.find(kInitSqlTarget);
  if (retry == builder.state().retries.end()) return;
  report_event(builder, EventType::kWarning, kFailed,
               say::init_sql_retrying(script.key, script.name, retry->second.error));
}

RunInitSql intent_of(const ClusterState& state, const spec::DatabaseInitSql* script) {
  RunInitSql intent{.digest = {},
                    .pod = primary(state)->name,
                    .container = manifests::kDatabaseContainer,
                    .config_map = script == nullptr ? *state.init_sql_ran : script->name,
                    .key = script == nullptr ? std::string() : script->key,
                    .mark = state.uid.value(),
                    .forget = script == nullptr};
  intent.digest = sha256_hex(concat(intent.pod, "\n", intent.config_map, "\n", intent.key, "\n",
                                    intent.mark, "\n", intent.forget ? "forget" : "run"));
  return intent;
}

void decide(StepBuilder& builder, RunInitSql intent) {
  Decision decision{.machine = "init-sql",
                    .transition = intent.forget ? "forget-script" : "run-script",
                    .reason = intent.forget ? say::init_sql_removed(intent.config_map)
                                            : say::running_init_sql(intent.config_map),
                    .inputs = {{.name = "primary-is-ready", .value = intent.pod, .holds = true}},
                    .intents = {}};
  builder.decide(std::move(decision), {std::move(intent)});
}

}  // namespace

void decide_init_sql(StepBuilder& builder) {
  ClusterState& state = builder.state();
  const auto& script = rendered(state).cluster.spec.database_init_sql;
  if (script.has_value() == state.init_sql_ran.has_value()) {
    clear_event(state, kFailed);
    return;
  }
  if (script) tell_of_failures(builder, *script);
  if (is_pending(state, kInitSqlTarget) || is_waiting_to_retry(state, kInitSqlTarget)) return;
  if (!is_open(state) || primary(state) == nullptr) return;
  decide(builder, intent_of(state, script ? &*script : nullptr));
}

}  // namespace annals::fsm
