// The operator outside of the cluster: a process on this computer with a kubeconfig, where the
// names of pods mean nothing. Wants script/demo to have run. SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

constexpr const char* kHippo = "hippo";
constexpr const char* kJournal = "/tmp/annals-e2e-outside-journal";
constexpr const char* kLog = "/tmp/annals-e2e-outside.log";

class Outside : public Operator {
 protected:
  void SetUp() override {
    await_ready(kHippo);
    await_settled(kHippo);
    must(std::string("rm -rf ") + kJournal);
    stop_the_operator();
    // With the images that the Deployment names, and a journal of its own.
    process_ = std::make_unique<Background>(
        std::string("exec env $($KUBECTL -n postgres-operator get deploy annals -o json | jq -r "
                    "'.spec.template.spec."
                    "containers[0].env[] | select(.value) | \"\\(.name)=\\(.value)\"') ") +
            OPERATOR + " --listen 127.0.0.1:18081 --identity outside --journal " + kJournal,
        kLog);
  }
  void TearDown() override {
    process_.reset();
    must_kubectl("scale deployment annals --replicas 1");
    await_rolled_out("deployment/annals");
    await_ready(kHippo);
  }

  std::unique_ptr<Background> process_;
};

TEST_F(Outside, AdoptsAClusterAndReachesItsDatabasesThroughTheApiServer) {
  await("the operator's /readyz", 120s,
        [] { return must("curl -s -m 5 http://127.0.0.1:18081/readyz"); }, "ok",
        {.details = [&] { return process_->printed(); }});
  const std::string pods = pods_and_templates(kHippo);

  // SQL, by way of the pod that leads.
  patch(kHippo, R"({"spec":{"users":[{"name":"hippo","databases":["hippo","zoo"]}]}})");
  await("the database zoo", 120s,
        [] { return superuser(kHippo, "select 1 from pg_database where datname = 'zoo'"); }, "1",
        {.details = [&] { return process_->printed(); }});

  // Patroni's API.
  patch(kHippo, R"({"spec":{"patroni":{"dynamicConfiguration":{"postgresql":{"parameters":)"
                R"({"work_mem":"7MB"}}}}}})");
  await("work_mem", 60s, [] { return superuser(kHippo, "show work_mem"); }, "7MB",
        {.details = [&] { return process_->printed(); }});

  patch(kHippo, R"({"spec":{"users":null,"patroni":null}})");
  await_settled(kHippo);
  EXPECT_EQ(pods_and_templates(kHippo), pods) << "what runs was adopted, not made anew";
}

}  // namespace
}  // namespace annals::e2e
