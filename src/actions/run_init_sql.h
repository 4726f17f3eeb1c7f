// RunInitSql: the script in a key of the user's ConfigMap is run by psql in the primary's pod, as
// PostgreSQL's superuser, with everything that psql can do. Idempotent: the shell beside psql first
// asks the database for the mark that it sets after a run, and holds a lock of the database
// meanwhile, so that a run that nobody waits for any more is not begun a second time. What psql
// says may repeat what the script holds; of that only the line and the SQLSTATE leave the pod.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "actions/action_context.h"
#include "actions/action_result.h"
#include "actions/cluster_identity.h"
#include "fsm/model/intent.h"

namespace annals::actions {

boost::asio::awaitable<Answer<ActionResult>> run(fsm::RunInitSql intent, ClusterIdentity cluster,
                                                 ActionContext context);

// The text of a key of a ConfigMap, from the object's JSON. kInvalid says what is not there.
Result<std::string> script_in(std::string_view config_map, const std::string& key);

// Whether the status says that the script of this cluster was run. Where the database bears no mark
// of ours, another operator ran it, from which the cluster was taken over: then it is only marked.
bool was_run_before(std::string_view resource, const ClusterUid& uid);
enum class RanBefore : std::uint8_t { kNo, kYes };

// What is wrong, by how the shell in the pod ended and what it printed.
std::string init_sql_trouble(int exit_code, std::string_view output);

// What runs there: Bash, with the script's SHA-256 and the mark, and the script at its input.
std::vector<std::string> init_sql_command(const std::string& script, const std::string& mark,
                                          RanBefore before);
std::vector<std::string> forget_init_sql_command(const std::string& mark);

}  // namespace annals::actions
