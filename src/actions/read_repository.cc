#include "actions/read_repository.h"

#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "base/concat.h"
#include "k8s/pods/exec.h"
#include "lens/repository.h"

namespace annals::actions {
namespace {

using namespace std::chrono_literals;

// A server that does not answer takes pgBackRest several times its io-timeout.
constexpr auto kInfoTimeout = 3min;
// With its default a server that does not answer takes longer than that.
constexpr const char* kIoTimeout = "--io-timeout=10";
// Some 700 bytes are a backup, which years of them do not fill.
constexpr std::size_t kInfoBytesMax = std::size_t{16} << 20U;

constexpr std::string_view kRepositoryPrefix = "repo";

std::vector<std::string> info_command(const std::string& stanza, const std::string& repo) {
  std::string_view number = repo;
  if (number.starts_with(kRepositoryPrefix)) number.remove_prefix(kRepositoryPrefix.size());
  return {"pgbackrest",    "info",    concat("--stanza=", stanza), concat("--repo=", number),
          "--output=json", kIoTimeout};
}

}  // namespace

boost::asio::awaitable<Answer<fsm::RepositoryContents>> ask_repository(RepositoryQuestion question,
                                                                       ActionContext context) {
  k8s::PodCommand command{.pod = question.pod,
                          .container = question.container,
                          .command = info_command(question.stanza, question.repo),
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
      lens::read_repository(ended->output, question.stanza, question.repo);
  if (!contents) co_return k8s::refuse(k8s::Trouble::kNotSent, contents.error().detail);
  co_return *std::move(contents);
}

boost::asio::awaitable<Answer<ActionResult>> run(fsm::ReadRepository intent,
                                                 ClusterIdentity cluster, ActionContext context) {
  RepositoryQuestion question{.pod = {cluster.name_space, intent.pod},
                              .container = intent.container,
                              .stanza = intent.stanza,
                              .repo = intent.repo};
  Answer<fsm::RepositoryContents> contents = co_await ask_repository(std::move(question), context);
  if (!contents) co_return k8s::refuse(std::move(contents).error());
  ActionResult done;
  done.contents = *std::move(contents);
  co_return done;
}

}  // namespace annals::actions
