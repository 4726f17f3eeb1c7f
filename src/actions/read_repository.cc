#include "actions/read_repository.h"

#include <chrono>
#include <string_view>
#include <utility>

#include "base/concat.h"
#include "k8s/pods/exec.h"
#include "lens/repository.h"

namespace annals::actions {
namespace {

using namespace std::chrono_literals;

// A server that does not answer takes pgBackRest several times its io-timeout.
constexpr auto kInfoTimeout = 3min;
// Some 700 bytes are a backup, which years of them do not fill.
constexpr std::size_t kInfoBytesMax = std::size_t{16} << 20U;

constexpr std::string_view kRepositoryPrefix = "repo";

}  // namespace

std::vector<std::string> info_command(const fsm::ReadRepository& intent) {
  std::string_view number = intent.repo;
  if (number.starts_with(kRepositoryPrefix)) number.remove_prefix(kRepositoryPrefix.size());
  return {"pgbackrest", "info", concat("--stanza=", intent.stanza), concat("--repo=", number),
          "--output=json"};
}

boost::asio::awaitable<Answer<ActionResult>> run(fsm::ReadRepository intent,
                                                 ClusterIdentity cluster, ActionContext context) {
  k8s::PodCommand command{.pod = {cluster.name_space, intent.pod},
                          .container = intent.container,
                          .command = info_command(intent),
                          .input = std::nullopt,
                          .timeout = kInfoTimeout,
                          .output_bytes_max = kInfoBytesMax};
  Answer<k8s::PodCommandResult> ended =
      co_await k8s::run_in_pod(&context.client, std::move(command));
  if (!ended) co_return k8s::refuse(std::move(ended).error());
  if (ended->exit.code != 0)
    co_return k8s::refuse(k8s::Trouble::kNotSent, "pgbackrest info ended with exit status ",
                          ended->exit.code);
  if (ended->cut)
    co_return k8s::refuse(k8s::Trouble::kNotSent, "pgbackrest info says more than ", kInfoBytesMax,
                          " bytes");
  Result<fsm::RepositoryContents> contents =
      lens::read_repository(ended->output, intent.stanza, intent.repo);
  if (!contents) co_return k8s::refuse(k8s::Trouble::kNotSent, contents.error().detail);
  ActionResult done;
  done.contents = *std::move(contents);
  co_return done;
}

}  // namespace annals::actions
