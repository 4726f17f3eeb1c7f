// What users get wrong about a bucket: the key, its name, the authority, the endpoint, a clock.
// Each is told soon, in pgBackRest's words and with the field to look at; the other repositories go
// on, and once it is mended the operator goes on by itself. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "support/object_store.h"

namespace annals::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kMarten = "marten";
constexpr const char* kStanza = "RepositoryWithoutStanza";
constexpr const char* kEndpoint = "s3.object-store.svc.cluster.local";

// How soon a mistake is told once pgBackRest can be asked: where the server answers, and where
// none does.
constexpr auto kAnswered = 60s;
constexpr auto kUnanswered = 240s;

class StoreMistakes : public ObjectStore {
 protected:
  static void SetUpTestSuite() {
    remove(kMarten);
    start_store();
    make_secret("not-the-secret-of-this-key");
  }
  static void TearDownTestSuite() {
    remove(kMarten);
    must_kubectl("delete secret marten-keys --ignore-not-found");
    end_store();
  }

  // For three repositories: the first with this secret, or the right one where it is empty. Another
  // authority's certificate is beside the right one.
  static void make_secret(const std::string& first) {
    must(
        "set -eo pipefail; files=$(mktemp -d); trap 'rm -r $files' EXIT; "
        "for n in 1 2 3; do script/s3 secret $n $files; sed '1d' $files/s3.conf >>$files/all; "
        "done; "
        "{ echo '[global]'; " +
        (first.empty()
             ? std::string("cat $files/all")
             : "sed 's|^repo1-s3-key-secret=.*|repo1-s3-key-secret=" + first + "|' $files/all") +
        "; } >$files/s3.conf; rm $files/all; "
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null -out $files/other.crt -days 2 "
        "-subj /CN=other 2>/dev/null; "
        "$KUBECTL -n postgres-operator create secret generic marten-keys --dry-run=client -o yaml "
        "--from-file=$files | $KUBECTL apply -f -");
  }

  static std::string repository(const std::string& number, const std::string& bucket) {
    return "{name: repo" + number + ", s3: {bucket: " + bucket + ", endpoint: " + kEndpoint +
           ", region: us-east-1}}, ";
  }
  static std::string options(const std::string& number, const std::string& authority) {
    const std::string repo = "repo" + number;
    return repo + "-path: /marten/" + repo + ", " + repo + "-s3-uri-style: path, " + repo +
           "-storage-ca-file: /etc/pgbackrest/conf.d/" + authority + ", ";
  }
  static void set_global(const std::string& option, const std::string& value) {
    patch(kMarten, R"({"spec":{"backups":{"pgbackrest":{"global":{")" + option + R"(":")" + value +
                       R"("}}}}})");
  }
  static void set_store(int index, const std::string& field, const std::string& value) {
    change(kMarten, R"({"op":"replace","path":"/spec/backups/pgbackrest/repos/)" +
                        std::to_string(index) + "/s3/" + field + R"(","value":")" + value + "\"}");
  }

  static std::string told() { return condition(kMarten, kStanza, "message"); }
  static void await_told(const std::string& of, std::chrono::seconds limit,
                         const testing::Matcher<const std::string&>& what) {
    await("the condition that tells of " + of, limit, told, what,
          {.details = [] { return trouble(kMarten); }});
  }
  // Attempts are made again after ever longer pauses, at most five minutes.
  static void await_mended(const std::string& repo) {
    await("the stanza of " + repo, 400s, told, Not(HasSubstr(repo + ", s3 bucket")),
          {.details = [] { return trouble(kMarten); }});
  }
};

TEST_F(StoreMistakes, KeyBucketAndAuthorityAreToldWhileTheVolumeGoesOn) {
  apply_cluster({.name = kMarten,
                 .backups = "configuration: [{secret: {name: marten-keys}}]\n      global: {" +
                            options("1", "ca.crt") + options("2", "ca.crt") +
                            options("3", "other.crt") + "}\n      repos: [" +
                            repository("1", "backups") + repository("2", "not-there") +
                            repository("3", "backups") +
                            "{name: repo4, volume: {volumeClaimSpec: " + kClaim + "}}]\n",
                 .data_source = {}});
  await("a primary", 240s, [] { return primary(kMarten); }, Not(IsEmpty()));
  await_told("the key", kAnswered,
             AllOf(HasSubstr("repo1, s3 bucket backups"), HasSubstr("403 (Forbidden)"),
                   HasSubstr("SignatureDoesNotMatch"), HasSubstr("keys that begin with repo1-")));
  await_told("the bucket", kAnswered,
             AllOf(HasSubstr("repo2, s3 bucket not-there"), HasSubstr("NoSuchBucket"),
                   HasSubstr("spec.backups.pgbackrest.repos[1].s3.bucket"),
                   HasSubstr("aws s3 mb s3://not-there --region us-east-1 --endpoint-url "
                             "https://s3.object-store.svc.cluster.local")));
  await_told("the authority", kAnswered,
             AllOf(HasSubstr("repo3, s3 bucket backups"), HasSubstr("certificate"),
                   HasSubstr("repo3-storage-ca-file")));
  await("the first backup on the volume", 400s,
        [] { return condition(kMarten, "PGBackRestReplicaCreate", "message"); },
        HasSubstr("from repository repo4"), {.details = [] { return trouble(kMarten); }});
}

TEST_F(StoreMistakes, WhatIsMendedGoesOnByItself) {
  make_secret("");
  set_store(1, "bucket", "backups");
  set_global("repo3-storage-ca-file", "/etc/pgbackrest/conf.d/ca.crt");
  for (const char* repo : {"repo1", "repo2", "repo3"}) await_mended(repo);
  EXPECT_EQ(condition(kMarten, kStanza, "status"), "");
  await_settled(kMarten);
  make_notes(kMarten);
  await_archived(kMarten, switch_wal(kMarten), 240s);
}

TEST_F(StoreMistakes, AnEndpointWhereNobodyListensIsTold) {
  set_store(0, "endpoint", "nowhere.object-store.svc.cluster.local");
  await_told("the endpoint", kUnanswered,
             AllOf(HasSubstr("repo1, s3 bucket backups at nowhere"),
                   HasSubstr("spec.backups.pgbackrest.repos[0].s3.endpoint")));
  set_store(0, "endpoint", kEndpoint);
  await_mended("repo1");
}

// The server accepts connections and says nothing.
TEST_F(StoreMistakes, AServerThatDoesNotAnswerIsTold) {
  const std::string pid = must("cat " + files_of(kS3) + "pid");
  set_global("repo1-path", "/marten/unanswered");
  must("kill -STOP " + pid);
  await_told("the server", kUnanswered,
             AllOf(HasSubstr("repo1, s3 bucket backups"),
                   HasSubstr("spec.backups.pgbackrest.repos[0].s3.endpoint")));
  must("kill -CONT " + pid);
  await_mended("repo1");
}

TEST_F(StoreMistakes, AWrongClockIsTold) {
  must("script/s3 skew", 120s);
  set_global("repo1-path", "/marten/late");
  await_told("the clock", kAnswered,
             AllOf(HasSubstr("repo1, s3 bucket backups"), HasSubstr("RequestTimeTooSkewed"),
                   HasSubstr("the clocks of the node and of the store differ")));
  stop_server();
  start_server();
  await_mended("repo1");
  await_archived(kMarten, switch_wal(kMarten), 240s);
  expect_verified();
}

}  // namespace
}  // namespace annals::e2e
