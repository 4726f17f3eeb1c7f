#include "actions/read_receipt.h"

#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include "base/concat.h"
#include "base/printable.h"
#include "k8s/pods/exec.h"
#include "lens/receipt.h"

namespace annals::actions {
namespace {

using namespace std::chrono_literals;

constexpr auto kReceiptTimeout = 1min;
constexpr std::size_t kReceiptBytesMax = 8192;
constexpr std::size_t kTroubleOfReceiptMax = 300;
// With --ignore-missing: there is no such file.
constexpr int kNoFile = 1;

std::string number_of(std::string_view repo) {
  constexpr std::string_view kPrefix = "repo";
  if (repo.starts_with(kPrefix)) repo.remove_prefix(kPrefix.size());
  return std::string(repo);
}

// Raw: of an encrypted repository pgBackRest knows keys of its own files alone.
k8s::PodCommand receipt_command(const AskedReceipt& asked) {
  return {.pod = asked.pod,
          .container = asked.container,
          .command = {"pgbackrest", "repo-get", concat("--repo=", number_of(asked.repo)), "--raw",
                      "--ignore-missing", "--io-timeout=10", asked.file},
          .input = std::nullopt,
          .timeout = kReceiptTimeout,
          .output_bytes_max = kReceiptBytesMax};
}

std::string trouble_in(const Answer<k8s::PodCommandResult>& ended) {
  if (!ended) return printable(to_string(ended.error()), kTroubleOfReceiptMax);
  const std::string& words =
      ended->error_output.empty() ? ended->exit.message : ended->error_output;
  return printable(std::string_view(words).substr(0, words.find('\n')), kTroubleOfReceiptMax);
}

}  // namespace

boost::asio::awaitable<fsm::ReceiptAnswer> read_receipt(AskedReceipt asked, ActionContext context) {
  k8s::PodCommand command = receipt_command(asked);
  const Answer<k8s::PodCommandResult> ended =
      co_await k8s::run_in_pod(&context.client, std::move(command));
  fsm::ReceiptAnswer answer{.repo = std::move(asked.repo)};
  if (ended && ended->exit.code == kNoFile && ended->output.empty()) co_return answer;
  if (!ended || ended->exit.code != 0 || ended->cut) {
    answer.trouble = trouble_in(ended);
    co_return answer;
  }
  Result<fsm::Receipt> receipt = lens::read_receipt(ended->output);
  if (receipt) {
    answer.receipt = *std::move(receipt);
  } else {
    answer.trouble = receipt.error().detail;
  }
  co_return answer;
}

}  // namespace annals::actions
