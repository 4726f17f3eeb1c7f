// The status document is written by hand, so it is held against what the JSON library makes.
#include "manifests/cluster/status.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace annals::manifests {
namespace {

using nlohmann::json;

std::string all_characters() {
  std::string text;
  for (char c = 1; c < 0x7f; ++c) text += c;
  return text + "\x7f é \U0001F418";
}

TEST(StatusTest, IsCanonicalJsonWhateverItsTextsHold) {
  const std::string message = all_characters();
  const StatusDocument status{.name_space = "ns",
                              .name = "hippo",
                              .observed_generation = 7,
                              .primary = "hippo-a-0",
                              .conditions = {{.type = "Ready",
                                              .status = true,
                                              .reason = "PrimaryReady",
                                              .message = message,
                                              .last_transition_time = "2026-01-02T00:00:00Z"},
                                             {.type = "Stalled",
                                              .status = false,
                                              .reason = "",
                                              .message = "",
                                              .last_transition_time = ""}},
                              .instances = {{.name = "a", .replicas = 2, .ready_replicas = 1}},
                              .system_identifier = "7000",
                              .database_init_sql = "hippo-sql",
                              .has_repository_host = true,
                              .repository_host_ready = false,
                              .repositories = {{.name = "repo1", .stanza_created = true}},
                              .manual_backup = {{.id = "a \"monday\"",
                                                 .finished = true,
                                                 .job = {.start_time = "2026-01-02T00:00:00Z",
                                                         .completion_time = "2026-01-02T00:01:00Z",
                                                         .active = 1,
                                                         .succeeded = 2,
                                                         .failed = 3}}},
                              .scheduled_backups = {{.cron_job = "hippo-repo1-full",
                                                     .repo = "repo1",
                                                     .type = "full",
                                                     .job = {.active = 1}},
                                                    {.cron_job = "hippo-repo1-incr",
                                                     .repo = "repo1",
                                                     .type = "incr",
                                                     .job = {.succeeded = 1}}},
                              .shutdown_receipt = {{.timeline = 1,
                                                    .checkpoint = "0/5000028",
                                                    .end = "0/5000000",
                                                    .system_identifier = "7301",
                                                    .time = "2026-01-02T00:00:00Z",
                                                    .repositories = {"repo1", "repo2"}}}};
  const std::string text = status_manifest(status);
  const json parsed = json::parse(text);
  EXPECT_EQ(text, parsed.dump());
  EXPECT_EQ(parsed.at("metadata"), (json{{"name", "hippo"}, {"namespace", "ns"}}));
  const json& content = parsed.at("status");
  EXPECT_EQ(content.at("observedGeneration"), 7);
  EXPECT_EQ(content.at("conditions")[0].at("message"), all_characters());
  EXPECT_EQ(content.at("conditions")[0].at("status"), "True");
  EXPECT_EQ(content.at("conditions")[0].at("observedGeneration"), 7);
  EXPECT_EQ(content.at("instances")[0].at("readyReplicas"), 1);
  EXPECT_EQ(content.at("instancesReady"), "1/2");
  EXPECT_EQ(content.at("patroni").at("primary"), "hippo-a-0");
  EXPECT_EQ(content.at("patroni").at("systemIdentifier"), "7000");
  EXPECT_EQ(content.at("databaseInitSQL"), "hippo-sql");
  EXPECT_EQ(content.at("pgbackrest").at("repoHost").at("ready"), false);
  EXPECT_EQ(content.at("pgbackrest").at("manualBackup"),
            (json{{"id", "a \"monday\""},
                  {"finished", true},
                  {"startTime", "2026-01-02T00:00:00Z"},
                  {"completionTime", "2026-01-02T00:01:00Z"},
                  {"active", 1},
                  {"succeeded", 2},
                  {"failed", 3}}));
  EXPECT_EQ(content.at("pgbackrest").at("scheduledBackups")[1],
            (json{{"cronJobName", "hippo-repo1-incr"},
                  {"repo", "repo1"},
                  {"type", "incr"},
                  {"succeeded", 1}}));
  EXPECT_EQ(content.at("pgbackrest").at("repos")[0].at("stanzaCreated"), true);
}

TEST(StatusTest, SaysWhatCanBeRestored) {
  StatusDocument status;
  status.repositories = {
      {.name = "repo1",
       .contents = {{.looked_at = "2026-01-02T00:00:00Z",
                     .oldest_restorable_time = "2026-01-01T00:00:10Z",
                     .newest_restorable_time = "2026-01-02T00:00:00Z",
                     .backups = {{.label = "20260101-000000F", .type = "full", .size = 7}}}}}};
  const std::string text = status_manifest(status);
  EXPECT_EQ(text, json::parse(text).dump()) << "members are sorted";
  EXPECT_EQ(
      json::parse(text).at("status").at("pgbackrest").at("repos")[0].at("contents"),
      (json{{"lookedAt", "2026-01-02T00:00:00Z"},
            {"oldestRestorableTime", "2026-01-01T00:00:10Z"},
            {"newestRestorableTime", "2026-01-02T00:00:00Z"},
            {"backups",
             json::array({{{"label", "20260101-000000F"}, {"type", "full"}, {"size", 7}}})}}));
}

TEST(StatusTest, SaysWhatADrillHasProven) {
  StatusDocument status;
  status.repositories = {{.name = "repo1",
                          .verified = {{.label = "20260131-080500F",
                                        .type = "full",
                                        .verified_at = "2026-01-31T09:00:00Z",
                                        .wal_end = "0/9000000",
                                        .last_transaction = "2026-01-31 08:59:00+00",
                                        .checks = "wal,amcheck,rows",
                                        .databases = 2,
                                        .tables = 3,
                                        .rows = 4,
                                        .seconds = 5,
                                        .age = 0,
                                        .answer = "a \"b\""}}}};
  status.drill = {.id = "monday", .finished = true, .job = {.succeeded = 1}};
  const std::string text = status_manifest(status);
  EXPECT_EQ(json::parse(text).dump(), text);
  const json pgbackrest = json::parse(text).at("status").at("pgbackrest");
  const json proof = pgbackrest.at("repos")[0].at("lastVerifiedBackup");
  EXPECT_EQ(proof.at("newestRowAgeSeconds"), 0);
  EXPECT_EQ(proof.at("answer"), "a \"b\"");
  EXPECT_EQ(proof.size(), 12U);
  EXPECT_EQ(pgbackrest.at("restoreDrill").at("id"), "monday");
}

TEST(StatusTest, LeavesOutWhatThereIsNot) {
  StatusDocument status;
  status.name_space = "ns";
  status.name = "hippo";
  const std::string text = status_manifest(status);
  EXPECT_EQ(text, json::parse(text).dump());
  EXPECT_EQ(text,
            R"({"apiVersion":"postgres-operator.crunchydata.com/v1beta1","kind":"PostgresCluster",)"
            R"("metadata":{"name":"hippo","namespace":"ns"},"status":{"conditions":[],)"
            R"("instances":[],"instancesReady":"0/0","observedGeneration":0}})");
}

}  // namespace
}  // namespace annals::manifests
