// A plain PostgreSQL server of Debian, outside of Kubernetes, is moved into a cluster: what it
// lacks is told before anything is copied, it is followed while an application writes there, and
// the cluster takes over without a lost row. Wants script/demo to have run.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <iostream>
#include <memory>
#include <set>
#include <string>

#include "support/debian_server.h"
#include "support/operator_fixture.h"
#include "support/site_clients.h"

namespace annals::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kOstrich = "ostrich";
constexpr const char* kPassword = "a\\b:c d";  // libpq's file of passwords has its own quoting

class OutsidePrimary : public Operator {
 protected:
  static void SetUpTestSuite() {
    clear();
    server = std::make_unique<DebianServer>();
    // Of the size that many databases have, and with what makes such a server unlike a cluster's.
    DebianServer::sql(
        "create table filler as select n, repeat(md5(n::text), 30) as text "
        "from generate_series(1, 2000000) as n");
    DebianServer::sql("create table beats (n bigint)");
    DebianServer::sql("alter table beats owner to keeper");
    DebianServer::sql("alter system set archive_command = '/bin/false'");
    DebianServer::sql("alter system set work_mem = '7MB'");
    DebianServer::sql("alter system set max_wal_senders = 2");
    DebianServer::restart();
  }
  static void TearDownTestSuite() {
    clear();
    server.reset();
  }

  static void clear() {
    remove(kOstrich);
    must_kubectl("delete secret ostrich-source ostrich-pguser-keeper --ignore-not-found");
  }
  static void make_login(const std::string& password) {
    must(
        "$KUBECTL -n postgres-operator create secret generic ostrich-source --dry-run=client "
        "-o yaml --from-literal=password='" +
        password + "' --from-file=ca.crt=" + DebianServer::certificate_file() +
        " | $KUBECTL apply -f -");
  }
  // The application's password stays what it is.
  static void make_keeper() {
    must_kubectl("create secret generic ostrich-pguser-keeper --from-literal=password=" +
                 DebianServer::password_of_keeper() + " --from-literal=verifier=");
  }
  static std::string any_pod() {
    return "pod/" + must_kubectl(
                        "get pods -o jsonpath={.items[0].metadata.name} -l "
                        "postgres-operator.crunchydata.com/cluster=ostrich,"
                        "postgres-operator.crunchydata.com/instance");
  }
  static std::string waits_for() { return condition(kOstrich, "Progressing", "message"); }
  static std::string pods() {
    return conditions(kOstrich) + "\n" + must_kubectl("get pods -o wide") + "\n" +
           kubectl(
               "logs --tail=30 -c database -l postgres-operator.crunchydata.com/cluster=ostrich")
               .out;
  }
  static void await_lack(const std::string& what) {
    await("what the source lacks", 180s, waits_for, HasSubstr(what), {.details = pods});
  }
  static SiteAddress outside() {
    return "hostaddr=" + DebianServer::address() + " port=" + std::to_string(DebianServer::port()) +
           login();
  }
  static SiteAddress inside() {
    return "hostaddr=" + must_kubectl("get service ostrich-ha -o jsonpath={.spec.clusterIP}") +
           login();
  }
  static std::string login() {
    return " user=keeper dbname=zoo password='" + DebianServer::password_of_keeper() +
           "' sslmode=require connect_timeout=2 tcp_user_timeout=1000";
  }

  static inline std::unique_ptr<DebianServer> server;
};

TEST_F(OutsidePrimary, IsToldWhatItLacksBeforeAnythingIsCopied) {
  make_keeper();
  apply_like_hippo(kOstrich,
                   "s/storage: 1Gi/storage: 4Gi/; /^metadata:/a \\  annotations: "
                   "{postgres-operator.crunchydata.com/standby-login: ostrich-source}\n"
                   "/^spec:/a \\  standby: {host: " +
                       DebianServer::address() + ", port: " + std::to_string(DebianServer::port()) +
                       "}\\n  users: [{name: keeper, databases: [zoo]}]");
  await_lack("the Secret ostrich-source, which the annotation standby-login names, has no key");
  make_login("not this one");
  await_lack("CREATE ROLE _crunchyrepl LOGIN REPLICATION PASSWORD");
  DebianServer::sql(std::string("create role _crunchyrepl login password '") + kPassword + "'");
  DebianServer::let_in("hostssl replication,postgres _crunchyrepl 0.0.0.0/0 scram-sha-256");
  await_lack("password authentication failed for user \"_crunchyrepl\"");
  make_login(kPassword);
  await_lack("three free connections of replication: max_wal_senders is 2");
  DebianServer::sql("alter system set max_wal_senders = 10");
  DebianServer::restart();
  await_lack("a login for replication: ");
  EXPECT_THAT(must_kubectl("exec " + any_pod() + " -c database -- ls /pgdata/pg15"), "");
  DebianServer::sql("alter role _crunchyrepl replication");
}

TEST_F(OutsidePrimary, IsFollowedOnceItLacksNothing) {
  await("Ready of ostrich", 500s, [] { return condition(kOstrich, "Ready", "reason"); },
        "StandbyLeaderReady", {.details = pods});
  await_settled(kOstrich);
  await_streaming(kOstrich, 1);
  await(
      "how it follows", 60s, [] { return field(kOstrich, ".status.standby.state"); }, "Streaming");
  EXPECT_EQ(field(kOstrich, ".status.standby.source"),
            DebianServer::address() + ":" + std::to_string(DebianServer::port()));
  EXPECT_EQ(superuser(kOstrich, "show work_mem"), "4MB") << "a setting of the source";
}

TEST_F(OutsidePrimary, IsMovedWithoutALostRow) {
  SiteWriter writer({outside(), inside()});
  await(
      "rows of the writer", 60s, [&] { return std::to_string(writer.acknowledged().size()); },
      Not("0"));
  patch(kOstrich, R"({"spec":{"standby":{"enabled":false}}})");
  await(
      "what the promotion waits for", 60s, [] { return condition(kOstrich, "Standby", "message"); },
      HasSubstr("takes writes"));
  (void)writer.longest_gap_s();
  annotate(kOstrich, "standby-promotion=" + DebianServer::shut_down());
  await("Ready of ostrich", 120s, [] { return condition(kOstrich, "Ready", "reason"); },
        "PrimaryReady", {.details = pods});
  const std::size_t before = writer.acknowledged().size();
  await(
      "rows of the writer", 60s,
      [&] { return std::to_string(writer.acknowledged().size() > before); }, "1");
  const double gap = writer.longest_gap_s();
  RecordProperty("cut_over_s", std::to_string(gap));
  std::cout << "outside_primary.cut_over_s " << gap << " s\n";
  EXPECT_LT(gap, 30);
  await_settled(kOstrich);
  writer.stop();
  const std::set<long> acknowledged = writer.acknowledged();
  const std::set<long> kept = stored_beats(inside());
  EXPECT_TRUE(std::ranges::includes(kept, acknowledged))
      << acknowledged.size() << " were acknowledged, and " << kept.size() << " are there";
}

TEST_F(OutsidePrimary, ThenIsAClusterAsAnyOther) {
  await_backup(kOstrich);
  await_streaming(kOstrich, 1);
  EXPECT_EQ(superuser(kOstrich,
                      "select has_function_privilege('_crunchyrepl', "
                      "'pg_read_binary_file(text)', 'EXECUTE')"),
            "t");
  EXPECT_THAT(superuser(kOstrich, "show archive_command"), HasSubstr("pgbackrest"));
  EXPECT_EQ(must_kubectl("exec " + primary(kOstrich) +
                         " -c database -- psql -XAtqd zoo -c 'select count(*) from filler'"),
            "2000000");
  EXPECT_EQ(condition(kOstrich, "UnsupportedFields", "status"), "False");
  EXPECT_THAT(events(kOstrich), Not(HasSubstr("StandbyPromotionUnproven")));
  EXPECT_THAT(replay("timeline --cluster postgres-operator/ostrich --kind decision"),
              HasSubstr("standby-promotion"));
  expect_verified();
}

}  // namespace
}  // namespace annals::e2e
