#include "actions/withdraw_receipt.h"

#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include "base/concat.h"
#include "k8s/pods/exec.h"
#include "lens/receipt.h"

namespace annals::actions {
namespace {

using namespace std::chrono_literals;

constexpr auto kWithdrawTimeout = 2min;

// The text is short and no secret. A store that does not answer is given up after half a minute.
constexpr const char* kPut = R"bash(
printf '%s\n' "$3" | timeout --kill-after=5 30 pgbackrest repo-put --raw --repo="$1" --log-level-file=off --io-timeout=5 "$2" 2>&1
)bash";

std::string_view number_of_repository(std::string_view repo) {
  constexpr std::string_view kRepo = "repo";
  if (repo.starts_with(kRepo)) repo.remove_prefix(kRepo.size());
  return repo;
}

}  // namespace

std::vector<std::string> withdraw_command(const fsm::WithdrawReceipt& intent) {
  const fsm::Receipt withdrawn{.cluster = intent.cluster, .at = intent.at, .withdrawn = true};
  return {"bash",
          "-ceuo",
          "pipefail",
          "--",
          kPut,
          "withdraw-receipt",
          std::string(number_of_repository(intent.repo)),
          intent.file,
          lens::receipt_text(withdrawn)};
}

boost::asio::awaitable<Answer<ActionResult>> run(fsm::WithdrawReceipt intent,
                                                 ClusterIdentity cluster, ActionContext context) {
  k8s::PodCommand command{.pod = {cluster.name_space, intent.pod},
                          .container = intent.container,
                          .command = withdraw_command(intent),
                          .input = std::nullopt,
                          .timeout = kWithdrawTimeout};
  Answer<k8s::PodCommandResult> ended =
      co_await k8s::run_in_pod(&context.client, std::move(command));
  if (!ended) co_return k8s::refuse(std::move(ended).error());
  if (ended->exit.code != 0)
    co_return k8s::refuse(k8s::Trouble::kNotSent, "pgbackrest repo-put ended with exit status ",
                          ended->exit.code, ": ", lens::words_of_put(ended->output));
  co_return ActionResult{};
}

}  // namespace annals::actions
