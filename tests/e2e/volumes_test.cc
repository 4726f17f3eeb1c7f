// New clusters over volumes that were there before: kept of a cluster that is gone, and laid out as
// PGO v4 has them. Wants script/demo to have run. SPDX-License-Identifier: Apache-2.0
#include <string>

#include "support/operator_fixture.h"

namespace annals::e2e {
namespace {

constexpr const char* kElk = "elk";
constexpr const char* kCalf = "calf";
constexpr const char* kWithWalVolume =
    "/dataVolumeClaimSpec:/i \\      walVolumeClaimSpec: {accessModes: [ReadWriteOnce], "
    "resources: {requests: {storage: 1Gi}}}";

class Volumes : public Operator {
 protected:
  static void SetUpTestSuite() {
    remove_all();
    make_like_hippo(kElk, "s/replicas: 2/replicas: 1/\n" + std::string(kWithWalVolume));
    await_settled(kElk);
    superuser(kElk, "create table notes (note text)");
    superuser(kElk, "insert into notes values ('of the elk')");
    data_ = claim(kElk, ",postgres-operator.crunchydata.com/role=pgdata");
    wal_ = claim(kElk, ",postgres-operator.crunchydata.com/role=pgwal");
    repository_ = claim(kElk, ",postgres-operator.crunchydata.com/pgbackrest-volume");
    label_ = field(kElk, ".status.pgbackrest.repos[0].contents.backups[0].label");
    // Nobody mends what a person takes away while he works by hand.
    patch(kElk, R"({"spec":{"paused":true}})");
    for (const std::string& claim : {data_, wal_, repository_})
      must_kubectl("patch pvc " + claim +
                   R"( --type merge --patch '{"metadata":{"ownerReferences":null}}')");
    must_kubectl("delete postgrescluster elk --wait=true", 300s);
    await("pods of elk", 120s, [] { return named("pods", kElk); }, testing::IsEmpty());
  }
  static void TearDownTestSuite() { remove_all(); }

  static std::string claim(const std::string& cluster, const std::string& selector) {
    return must_kubectl(
        "get pvc -o jsonpath='{.items[0].metadata.name}' -l "
        "postgres-operator.crunchydata.com/cluster=" +
        cluster + selector);
  }
  static std::string claim_of_primary(const std::string& volume) {
    return must_kubectl("get " + primary(kCalf) + " -o jsonpath='{.spec.volumes[?(@.name==\"" +
                        volume + "\")].persistentVolumeClaim.claimName}'");
  }
  static void remove_all() {
    for (const char* cluster : {kCalf, kElk}) remove(cluster);
    must_kubectl("delete pvc -l postgres-operator.crunchydata.com/cluster=elk --ignore-not-found");
  }
  // As PGO v4 lays them out, and labels them. The volumes may be on different nodes.
  static void become_v4() {
    must_kubectl("label pvc " + claims() + " pg-cluster=elk vendor=crunchydata");
    const std::string directory = "pg" + postgres_version();
    change_volume(
        data_, "mv " + directory + " elk; ln -sfn /pgwal/elk-wal elk/pg_wal; rm pgbackrest-spool");
    change_volume(wal_, "mv " + directory + "_wal elk-wal; rm -r pgbackrest-spool");
    change_volume(repository_,
                  "mkdir elk-backrest-shared-repo; mv archive backup elk-backrest-shared-repo/");
  }
  static void change_volume(const std::string& claim, const std::string& script) {
    apply("{ cat <<'POD'\n" + std::string(R"(apiVersion: v1
kind: Pod
metadata:
  name: elk-v4
spec:
  restartPolicy: Never
  automountServiceAccountToken: false
  securityContext: {runAsNonRoot: true, fsGroup: 26, seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: v4
    image: localhost/annals/postgres:15
    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
    command: [bash, -ceu, ")") +
          script + R"("]
    workingDir: /volume
    volumeMounts: [{name: volume, mountPath: /volume}]
  volumes: [{name: volume, persistentVolumeClaim: {claimName: )" +
          claim + "}}]\nPOD\n}");
    await("the volume " + claim + " as of PGO v4", 120s,
          [] { return must_kubectl("get pod elk-v4 -o jsonpath={.status.phase}"); }, "Succeeded",
          {.details = [] { return must_kubectl("describe pod elk-v4"); }});
    must_kubectl("delete pod elk-v4");
  }
  static void apply_calf(const std::string& volumes) {
    apply_like_hippo(kCalf, "s/^spec:/spec:\\n  dataSource:\\n    volumes: {" + volumes + "}/\n" +
                                kWithWalVolume);
  }
  static std::string claims() { return data_ + " " + wal_ + " " + repository_; }

  static std::string data_, wal_, repository_, label_;
};
std::string Volumes::data_;
std::string Volumes::wal_;
std::string Volumes::repository_;
std::string Volumes::label_;

TEST_F(Volumes, OfPgoV4GoOnAsTheFirstInstanceAndItsRepository) {
  become_v4();
  const std::string of_wal = ", pgWALVolume: {pvcName: " + wal_ + ", directory: elk-wal}";
  apply_calf("pgDataVolume: {pvcName: nobody, directory: elk}" + of_wal);
  await(
      "an Event about the volume", 120s, [] { return events(kCalf); },
      testing::HasSubstr("PersistentVolumeClaim nobody of spec.dataSource.volumes does not exist"));
  EXPECT_EQ(named("pods", kCalf, ",postgres-operator.crunchydata.com/instance"), "");
  apply_calf("pgDataVolume: {pvcName: " + data_ + ", directory: elk}, pgWALVolume: {pvcName: " +
             wal_ + ", directory: elk-wal}, pgBackRestVolume: {pvcName: " + repository_ +
             ", directory: elk-backrest-shared-repo}");
  await_ready(kCalf);
  await_backup(kCalf);
  await_settled(kCalf);
  await_streaming(kCalf, 1, 240s);
  EXPECT_EQ(superuser(kCalf, "select note from notes"), "of the elk");
  EXPECT_EQ(psql(kCalf, "select 1"), "1") << "by the new cluster's own Secret";
  EXPECT_EQ(must_kubectl("get pvc " + claims() +
                         " -o jsonpath='{range .items[*]}{.metadata.labels.pg-cluster}"
                         "{.metadata.labels.vendor}{end}'"),
            "");
  EXPECT_THAT(field(kCalf, ".status.pgbackrest.repos[0].contents.backups[*].label"),
              testing::HasSubstr(label_))
      << "the old backups are there";
  EXPECT_EQ(count("pvc", kCalf, ",postgres-operator.crunchydata.com/role=pgdata"), "2");
  EXPECT_EQ(count("pvc", kCalf, ",postgres-operator.crunchydata.com/role=pgwal"), "2");
  EXPECT_EQ(claim_of_primary("postgres-wal"), wal_);
  EXPECT_EQ(must_kubectl("exec " + primary(kCalf) + " -c database -- bash -c 'realpath /pgdata/pg" +
                         postgres_version() + "/pg_wal; ls /pgwal'"),
            "/pgwal/pg" + postgres_version() + "_wal\npg" + postgres_version() +
                "_wal\npgbackrest-spool");
}

TEST_F(Volumes, MayBeTakenOutOfTheSpec) {
  const std::string before = pods_and_templates(kCalf);
  change(kCalf, R"({"op":"remove","path":"/spec/dataSource"})");
  await_settled(kCalf);
  EXPECT_EQ(pods_and_templates(kCalf), before);
  EXPECT_EQ(count("pvc", kCalf, ",postgres-operator.crunchydata.com/role=pgdata"), "2");
  expect_verified();
}

}  // namespace
}  // namespace annals::e2e
