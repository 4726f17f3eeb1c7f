#include "actions/run_init_sql.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "actions/fetch_custom_resource.h"
#include "base/concat.h"
#include "base/sha256.h"
#include "k8s/pods/exec.h"

namespace annals::actions {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

// Longer than that nobody waits; the run goes on in its pod, and what came of it is seen later.
constexpr auto kTimeout = 10min;

constexpr int kIncomplete = 90;
constexpr int kRunsAlready = 91;

// A setting of a role that only replication uses: a mark that disturbs no schema, is copied to
// replicas and backups, and can be read by its value: the cluster it was set for. An empty one says
// that the script may run again.
constexpr const char* kMark = R"bash(
setting=annals.database_init_sql mark=$1
sql() { psql --no-psqlrc --no-password --username=postgres --dbname=postgres --set=ON_ERROR_STOP=1 "$@"; }
)bash";

constexpr const char* kForget = R"bash(
sql --quiet --command="ALTER ROLE _crunchyrepl SET $setting = ''"
)bash";

// The script is there as a whole before any of it runs. Nobody may be listening any more when it
// ends, which must not end it. The lock is held by a session of its own: the script may connect
// elsewhere.
constexpr const char* kRun = R"bash(
digest=$2 before=$3
trap '' PIPE HUP
folder=$(mktemp --directory)
trap 'rm --recursive --force "$folder"' EXIT
cat >"$folder/sql"
[[ $(sha256sum <"$folder/sql") == "$digest  -" ]] || exit 90
coproc lock { sql --quiet --tuples-only --no-align 2>/dev/null; }
echo "SELECT pg_try_advisory_lock(hashtext('annals'), hashtext('$setting'));" >&"${lock[1]}"
read -r is_ours <&"${lock[0]}" || exit 2
[[ $is_ours == t ]] || exit 91
marks() {
  sql --quiet --tuples-only --no-align \
    --command="SELECT count(*) FROM pg_db_role_setting, unnest(setconfig) AS s WHERE s LIKE '$setting=$1'"
}
set_mark() { sql --quiet --command="ALTER ROLE _crunchyrepl SET $setting = '$mark'"; }
marked=$(marks "$mark")
[[ $marked == 0 ]] || exit 0
any=$(marks %)
if [[ $before == ran-before && $any == 0 ]]; then
  set_mark
  exit 0
fi
status=0
sql --set=VERBOSITY=verbose --file="$folder/sql" >"$folder/log" 2>&1 </dev/null || status=$?
if ((status)); then
  sed --quiet --regexp-extended 's/^psql:[^ ]*:([0-9]+): (ERROR|FATAL):  ([0-9A-Z]{5}):.*/line \1: SQLSTATE \3/p' "$folder/log" | tail --lines=1
  exit "$status"
fi
set_mark
)bash";

std::vector<std::string> bash(const std::string& text, std::vector<std::string> arguments) {
  std::vector<std::string> command{"bash", "-ceuo", "pipefail", "--", text, "annals-init-sql"};
  std::ranges::move(arguments, std::back_inserter(command));
  return command;
}

// "line 3: SQLSTATE 42601", and nothing else that a script could have brought about.
bool is_place(std::string_view text) {
  constexpr std::string_view kState = ": SQLSTATE ";
  const std::size_t state = text.find(kState);
  if (!text.starts_with("line ") || state == std::string_view::npos) return false;
  const std::string_view line = text.substr(5, state - 5);
  const std::string_view code = text.substr(state + kState.size());
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_code = [&](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); };
  return !line.empty() && line.size() <= 9 && std::ranges::all_of(line, is_digit) &&
         code.size() == 5 && std::ranges::all_of(code, is_code);
}

boost::asio::awaitable<Answer<std::string>> script_of(k8s::ObjectName name, std::string key,
                                                      ActionContext context) {
  const std::string called = name.name;
  const k8s::Resource resource = k8s::config_maps();
  const Answer<std::string> object = co_await context.client.get(resource, std::move(name));
  if (!object && object.error().not_found())
    co_return k8s::refuse(k8s::Trouble::kNotSent, "ConfigMap/", called,
                          " does not exist: create it with the key ", key);
  if (!object) co_return k8s::refuse(object.error());
  Result<std::string> script = script_in(*object, key);
  if (!script)
    co_return k8s::refuse(k8s::Trouble::kNotSent, "ConfigMap/", called, " ", script.error().detail);
  co_return std::move(*script);
}

}  // namespace

bool was_run_before(std::string_view resource, const ClusterUid& uid) {
  const json object = json::parse(resource, nullptr, false);
  const auto text_at = [&object](const char* path) {
    const json::json_pointer place(path);
    return object.contains(place) && object.at(place).is_string()
               ? object.at(place).get<std::string>()
               : std::string();
  };
  return !object.is_discarded() && text_at("/metadata/uid") == uid.value() &&
         !text_at("/status/databaseInitSQL").empty();
}

Result<std::string> script_in(std::string_view config_map, const std::string& key) {
  const json object = json::parse(config_map, nullptr, false);
  const json::json_pointer place = json::json_pointer("/data") / key;
  if (object.is_discarded() || !object.contains(place) || !object.at(place).is_string())
    return fail(Errc::kInvalid, "has no key ", key, " in its data: add it");
  return object.at(place).get<std::string>();
}

std::string init_sql_trouble(int exit_code, std::string_view output) {
  if (exit_code == kIncomplete) return "the script was not transferred completely";
  if (exit_code == kRunsAlready) return "an earlier run is still in progress";
  while (output.ends_with('\n')) output.remove_suffix(1);
  return concat("psql ended with exit status ", exit_code, is_place(output) ? " at " : "",
                is_place(output) ? output : std::string_view(),
                "; see PostgreSQL's log in the pod");
}

std::vector<std::string> init_sql_command(const std::string& script, const std::string& mark,
                                          RanBefore before) {
  return bash(concat(kMark, kRun),
              {mark, sha256_hex(script), before == RanBefore::kYes ? "ran-before" : "never-ran"});
}

std::vector<std::string> forget_init_sql_command(const std::string& mark) {
  return bash(concat(kMark, kForget), {mark});
}

boost::asio::awaitable<Answer<ActionResult>> run(fsm::RunInitSql intent, ClusterIdentity cluster,
                                                 ActionContext context) {
  k8s::PodCommand command{.pod = {cluster.name_space, intent.pod},
                          .container = intent.container,
                          .command = {},
                          .input = std::nullopt,
                          .timeout = kTimeout};
  if (intent.forget) {
    command.command = forget_init_sql_command(intent.mark);
  } else {
    k8s::ObjectName name{cluster.name_space, intent.config_map};
    Answer<std::string> script = co_await script_of(std::move(name), intent.key, context);
    if (!script) co_return k8s::refuse(std::move(script).error());
    const Answer<std::string> resource = co_await fetch_custom_resource(cluster, context);
    if (!resource) co_return k8s::refuse(resource.error());
    const RanBefore before =
        was_run_before(*resource, cluster.uid) ? RanBefore::kYes : RanBefore::kNo;
    command.command = init_sql_command(*script, intent.mark, before);
    command.input = std::move(*script);
  }
  Answer<k8s::PodCommandResult> ended =
      co_await k8s::run_in_pod(&context.client, std::move(command));
  if (!ended) co_return k8s::refuse(std::move(ended).error());
  if (ended->exit.code != 0)
    co_return k8s::refuse(k8s::Trouble::kNotSent,
                          init_sql_trouble(ended->exit.code, ended->output));
  co_return ActionResult{};
}

}  // namespace annals::actions
