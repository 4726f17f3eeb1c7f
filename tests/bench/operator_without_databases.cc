// The operator as it is, but for one thing: where pods are only said to run, there is no database
// to talk to, so what would go over SQL or to Patroni is done at once. For operator_bench.
#include <unistd.h>

#include <utility>

#include "actions/executor.h"
#include "process/operator.h"
#include "process/settings.h"

namespace annals {
namespace {

class WithoutDatabases final : public actions::Executor {
 public:
  using Executor::Executor;

  boost::asio::awaitable<fsm::Outcome> run(fsm::Intent intent,
                                           actions::ClusterIdentity cluster) override {
    if (std::holds_alternative<fsm::RunSql>(intent.action) ||
        std::holds_alternative<fsm::ReadCollations>(intent.action) ||
        std::holds_alternative<fsm::ReadArchiver>(intent.action) ||
        std::holds_alternative<fsm::ReadStandby>(intent.action) ||
        std::holds_alternative<fsm::ConfigurePatroni>(intent.action))
      co_return done(intent.id);
    co_return co_await Executor::run(std::move(intent), std::move(cluster));
  }

 private:
  static fsm::Outcome done(fsm::IntentId id) {
    fsm::Outcome outcome;
    outcome.intent = id;
    return outcome;
  }
};

}  // namespace
}  // namespace annals

int main(int argc, char** argv) {
  using namespace annals;
  const process::Chosen chosen = process::choose(argc, argv, environ);
  if (!chosen.settings) return chosen.status;
  return process::run(*chosen.settings,
                      [](k8s::Client& client, const Clock& clock, actions::PodResolver& resolver) {
                        return std::make_unique<WithoutDatabases>(client, clock, resolver);
                      });
}
