// The operator outside of a cluster, with a kubeconfig: what it answers to probes, which namespaces
// it looks at, and that it ends in order.
#include "own_server.h"

namespace annals::e2e {
namespace {

class OperatorProcess : public OwnServer {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    journal_ = (directory_ / test->name()).string();
    log_ = journal_ + ".log";
    run("KUBECONFIG=" + config() + " $KUBECTL create namespace postgres-operator");
  }

  // Runs it with these flags; its end is written to a file.
  void start(const std::string& flags) {
    operator_ = std::make_unique<Background>(
        "RELATED_IMAGE_POSTGRES_15=postgres RELATED_IMAGE_PGBACKREST=pgbackrest " ANNALS_OPERATOR
        " --kubeconfig " +
            config() + " --journal " + journal_ + " --listen 127.0.0.1:26580 " + flags +
            " & echo $! >" + journal_ + ".pid; wait $!; echo $? >" + journal_ + ".status",
        log_);
  }
  void tell_to_end() { must("kill -TERM $(cat " + journal_ + ".pid)"); }
  // Without notice, so that the Lease stays in its name.
  void kill_it() {
    must("kill -9 $(cat " + journal_ + ".pid)");
    await_end();
    files::remove(journal_ + ".status");
  }
  bool has_ended() const { return files::exists(journal_ + ".status"); }
  std::string status() const { return must("cat " + journal_ + ".status"); }

  static std::string answer(const std::string& path) {
    return run("curl -s -m 5 -w ' %{http_code}' 'http://127.0.0.1:26580" + path + "'").out;
  }
  void await_answer(const std::string& path, const Wanted& wanted) const {
    await("the answer of " + path, 60s, [&] { return answer(path); }, wanted,
          {.details = [&] { return operator_->printed(); }});
  }
  void await_ready() const { await_answer("/readyz", "ok\n 200"); }
  void await_end() const {
    await_true(
        "the operator's end", 30s, [&] { return has_ended(); },
        [&] { return operator_->printed(); });
  }

  static void create_cluster(const std::string& name_space) {
    run("KUBECONFIG=" + config() + " $KUBECTL create namespace " + name_space);
    kubectl_must("apply -n " + name_space + " -f examples/hippo.yaml");
  }
  static std::string status_of(const std::string& name_space) {
    return kubectl_must("get -n " + name_space + " pgc hippo -o jsonpath={.status.conditions}");
  }

  std::string journal_;
  std::string log_;
  std::unique_ptr<Background> operator_;
};

TEST_F(OperatorProcess, IsReadyOnceItLeadsAndWatchesAndEndsInOrder) {
  start("");
  await_ready();
  EXPECT_EQ(answer("/readyz?verbose"),
            "[+]replayed ok\n[+]journal ok\n[+]lease ok\n[+]watches ok\nreadyz check passed\n 200");
  EXPECT_EQ(answer("/livez"), "ok\n 200");
  EXPECT_NE(answer("/metrics").find("\nannals_ready 1\n"), std::string::npos);
  EXPECT_EQ(answer("/nothing"), "not found; available: /livez, /readyz, /metrics\n 404");
  tell_to_end();
  await_end();
  EXPECT_EQ(status(), "0");
  EXPECT_EQ(kubectl_must("get lease -n postgres-operator annals-leader -o "
                         "jsonpath={.spec.holderIdentity}"),
            "");
}

TEST_F(OperatorProcess, SaysWhoLeadsWhileItWaits) {
  start("--identity second --lease held");
  kubectl_must(
      "create -f - <<'END'\n"
      R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"taken",)"
      R"("namespace":"postgres-operator"},"spec":{"holderIdentity":"first",)"
      R"("leaseDurationSeconds":3600,"leaseTransitions":1,)"
      R"("renewTime":"2026-01-01T00:00:00.000000Z"}})"
      "\nEND");
  await_ready();
  tell_to_end();
  await_end();
  journal_ += "-2";
  start("--identity second --lease taken");
  const std::string waits = "[-]lease failed: lease taken is held by first\n";
  await_answer("/readyz", testing::HasSubstr(waits));
  const std::string told = answer("/readyz");
  EXPECT_NE(told.find("[-]watches failed: not started yet\n"), std::string::npos) << told;
  EXPECT_TRUE(told.ends_with("readyz check failed\n 503")) << told;
  EXPECT_EQ(answer("/livez"), "ok\n 200");
}

// The Lease is for two hours in this test, so whoever waits for its term is not ready in time.
TEST_F(OperatorProcess, ASuccessorDoesNotWaitForOneThatWasKilled) {
  const auto lease = [](const std::string& field) {
    return kubectl_must("get lease -n postgres-operator killed -o jsonpath={.spec." + field + "}");
  };
  start("--identity first --lease killed");
  await_ready();
  kill_it();
  EXPECT_THAT(lease("holderIdentity"), testing::StartsWith("first_"));
  kubectl_must(
      R"(patch lease -n postgres-operator killed -p '{"spec":{"leaseDurationSeconds":7200}}')");
  start("--identity second --lease killed");
  await_ready();
  EXPECT_THAT(lease("holderIdentity"), testing::StartsWith("second_"));
  EXPECT_EQ(lease("leaseTransitions"), "2");
}

TEST_F(OperatorProcess, LooksAfterTheNamespacesItWasToldAndNoOthers) {
  for (const char* name_space : {"mine", "ours", "theirs"}) create_cluster(name_space);
  start("--lease some --target-namespace mine --target-namespace ours");
  await_ready();
  for (const char* name_space : {"mine", "ours"}) {
    const std::string its = name_space;
    await(
        "conditions of hippo in " + its, 30s, [&] { return status_of(its); },
        testing::Not(testing::IsEmpty()));
    await(
        "Services in " + its, 30s,
        [&] { return kubectl_must("get -n " + its + " services -o name"); },
        testing::Not(testing::IsEmpty()));
  }
  EXPECT_NE(answer("/metrics").find("annals_clusters{state=\"all\"} 2\n"), std::string::npos);
  EXPECT_EQ(status_of("theirs"), "");
  EXPECT_EQ(kubectl_must("get -n theirs services -o name"), "");
}

TEST_F(OperatorProcess, EndsWhenThereIsNoApiServerToAsk) {
  const Output output = run(ANNALS_OPERATOR " --kubeconfig /nonexistent --journal " + journal_);
  EXPECT_EQ(output.status, 1);
  EXPECT_NE(output.err.find(R"("event":"no-api-server")"), std::string::npos) << output.err;
  EXPECT_EQ(run(ANNALS_OPERATOR " --no-such-flag").status, 2);
}

}  // namespace
}  // namespace annals::e2e
