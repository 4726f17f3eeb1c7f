// Deletions on a real API server: a cluster that is protected, and claims that outlive theirs.
#include <gmock/gmock.h>

#include <string>

#include "base/concat.h"
#include "tests/integration/crds/own_server.h"
#include "tests/integration/crds/process.h"

namespace annals::e2e {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kProtection = "postgres-operator.crunchydata.com/deletion-protection";

class Deletion : public OwnServer {
 protected:
  // A cluster called hippo; its UID.
  static std::string create(const std::string& name_space = "default") {
    kubectl_must("-n " + name_space + " apply -f examples/hippo.yaml");
    return kubectl_must("-n " + name_space +
                        " get postgrescluster hippo -o jsonpath={.metadata.uid}");
  }
  static void remove() { kubectl_must("delete postgrescluster hippo --ignore-not-found"); }
};

// ---- Protection

class Protected : public Deletion {
 protected:
  void SetUp() override {
    is_served_ = kubectl_must("get --raw /apis/admissionregistration.k8s.io/v1")
                     .contains("\"validatingadmissionpolicies\"");
    if (!is_served_) return;  // before Kubernetes 1.30
    kubectl_must("apply --server-side -f deploy/deletion-protection.yaml");
    create();
    annotate(kProtection + std::string("=true"));
    // The server takes a while to know of a policy.
    await(
        "the policy to refuse a deletion", 60s, [] { return attempt("default"); },
        HasSubstr("is protected from deletion"));
  }
  // What kubectl says of a deletion that changes nothing.
  static std::string attempt(const std::string& name_space, const std::string& user = {}) {
    const Output output =
        kubectl("-n " + name_space + " delete postgrescluster hippo --dry-run=server" +
                (user.empty() ? "" : " --as=" + user) + " 2>&1");
    return output.out;
  }
  static void annotate(const std::string& annotation) {
    kubectl_must("annotate --overwrite postgrescluster hippo " + annotation);
  }

  bool is_served_ = false;
};

TEST_F(Protected, IsNotDeletedAndSaysWhatToDo) {
  if (!is_served_) return;
  const std::string told = attempt("default");
  EXPECT_THAT(told, HasSubstr(concat("kubectl -n default annotate postgrescluster hippo ",
                                     kProtection, "-")));
  annotate(concat(kProtection, "="));
  EXPECT_THAT(attempt("default"), HasSubstr("is protected")) << "whatever it is set to";
  annotate(concat(kProtection, "=false"));
  EXPECT_THAT(attempt("default"), Not(HasSubstr("is protected")));
  annotate(concat(kProtection, "-"));
  remove();
  EXPECT_EQ(kubectl_must("get postgrescluster hippo --ignore-not-found"), "");
}

TEST_F(Protected, DoesNotHoldUpItsNamespace) {
  if (!is_served_) return;
  kubectl_must("create namespace zoo");
  create("zoo");
  kubectl_must(concat("-n zoo annotate postgrescluster hippo ", kProtection, "=true"));
  EXPECT_THAT(attempt("zoo"), HasSubstr("is protected"));
  EXPECT_THAT(attempt("zoo", "system:serviceaccount:kube-system:namespace-controller"),
              HasSubstr("(server dry run)"));
  kubectl("-n zoo delete postgrescluster hippo --wait=false");
}

// ---- Claims that outlive their cluster

class KeptClaim : public Deletion {
 protected:
  void SetUp() override {
    old_ = create();
    claim_of(old_);
  }
  void TearDown() override {
    kubectl("delete pvc data --ignore-not-found --wait=false");
    // What holds it is removed by a controller, and there is none.
    kubectl(R"(patch pvc data --type merge --patch '{"metadata":{"finalizers":null}}')");
    remove();
  }
  static void claim_of(const std::string& uid) {
    const files::path file = directory_ / "claim.json";
    std::ofstream(file) << concat(
        R"({"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data","labels":{)",
        R"("postgres-operator.crunchydata.com/cluster":"hippo"},"ownerReferences":[{)",
        R"("apiVersion":"postgres-operator.crunchydata.com/v1beta1","kind":"PostgresCluster",)",
        R"("name":"hippo","uid":")", uid, R"(","controller":true}]},"spec":{"accessModes":)",
        R"(["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}})");
    kubectl_must("create -f " + file.string());
  }
  static json metadata() {
    return json::parse(kubectl_must("get pvc data -o json")).at("metadata");
  }
  static fsm::ObjectRef ref() {
    return {.api_version = "v1",
            .kind = "PersistentVolumeClaim",
            .name_space = "default",
            .name = "data"};
  }
  static fsm::Outcome carry_out(fsm::Action action, const std::string& uid) {
    Process process(config());
    return process.end(process.begin(std::move(action), true, uid));
  }
  fsm::KeepClaim keeping(const std::string& until = "2026-01-09T00:10:00.000000Z") const {
    return {.ref = ref(),
            .digest = "d",
            .of = old_,
            .kept = true,
            .led = true,
            .deleted_at = "2026-01-02T00:10:00.000000Z",
            .until = until};
  }
  fsm::KeepClaim taking() const {
    return {.ref = ref(), .digest = "d", .of = old_, .kept = false, .led = true};
  }

  std::string old_;
};

TEST_F(KeptClaim, IsNobodysAndSaysForWhomAndUntilWhen) {
  for (int times = 0; times < 2; ++times) {
    const fsm::Outcome outcome = carry_out(keeping(), old_);
    EXPECT_EQ(outcome.status, fsm::OutcomeStatus::kDone) << outcome.detail;
    EXPECT_EQ(outcome.fields.claim->kept_for, old_);
    EXPECT_EQ(outcome.fields.claim->led_for, old_);
  }
  EXPECT_FALSE(metadata().contains("ownerReferences"));
  EXPECT_EQ(carry_out(keeping("never"), old_).fields.claim->kept_until,
            "2026-01-09T00:10:00.000000Z");
}

TEST_F(KeptClaim, BecomesANewClustersOnlyWhileThatIsThere) {
  carry_out(keeping(), old_);
  remove();
  fsm::Outcome outcome = carry_out(taking(), "11111111-1111-4111-8111-111111111111");
  EXPECT_EQ(outcome.status, fsm::OutcomeStatus::kFailed);
  EXPECT_THAT(outcome.detail, HasSubstr("the cluster is deleted"));
  const std::string heir = create();
  outcome = carry_out(taking(), heir);
  EXPECT_EQ(outcome.status, fsm::OutcomeStatus::kDone) << outcome.detail;
  EXPECT_FALSE(outcome.fields.claim->kept_for);
  EXPECT_EQ(metadata().at("ownerReferences").at(0).at("uid"), heir);
}

TEST_F(KeptClaim, GoesWhenItsTimeIsOverAndNotWhenItWasTakenUp) {
  const fsm::Outcome kept = carry_out(keeping(), old_);
  const fsm::DeleteObject expiry{
      .ref = ref(),
      .digest = metadata().at("uid").get<std::string>(),
      .guard = {.lost = fsm::literal("a volume"),
                .other_copy = {},
                .allowed_by = fsm::literal("the end of its retention")},
      .precondition = fsm::kept_as(old_, *kept.fields.claim->kept_until)};
  remove();
  const std::string heir = create();
  carry_out(taking(), heir);
  const fsm::Outcome refused = carry_out(expiry, old_);
  EXPECT_EQ(refused.status, fsm::OutcomeStatus::kFailed);
  EXPECT_THAT(refused.detail, HasSubstr("no longer kept"));
  EXPECT_FALSE(metadata().contains("deletionTimestamp"));
  carry_out({fsm::KeepClaim{.ref = ref(), .digest = "d", .of = heir, .until = "now"}}, heir);
  fsm::DeleteObject other = expiry;
  other.precondition = fsm::kept_as(heir, "now");
  const fsm::Outcome done = carry_out(other, heir);
  EXPECT_EQ(done.status, fsm::OutcomeStatus::kDone) << done.detail;
  EXPECT_THAT(kubectl("get pvc data -o jsonpath={.metadata.deletionTimestamp} 2>&1").out,
              testing::AnyOf(HasSubstr("Z"), HasSubstr("not found")));
}

}  // namespace
}  // namespace annals::e2e
