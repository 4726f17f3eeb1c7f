#include "api/metrics.h"

#include <gmock/gmock.h>

namespace annals::api {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

TEST(MetricsTest, TellsWhatTheClientCounts) {
  Metrics metrics("1.2");
  metrics.request_done("PATCH", "api", 200, 3ms);
  metrics.request_done("PATCH", "api", 200, 30ms);
  metrics.request_done("GET", "api", 0, 10s);
  metrics.request_retried("PATCH", 429);
  metrics.server_warned();
  metrics.leading("annals-leader", true);
  metrics.watch_events("pods", 3);
  metrics.listed("pods", 1ms);
  metrics.watch_restarted("pods", "410");
  metrics.server_answers(false);
  metrics.waited_for_turn(1ms);
  const std::string text = metrics.answer().body;
  EXPECT_THAT(text,
              HasSubstr(R"(rest_client_requests_total{code="200",host="api",method="PATCH"} 2)"));
  EXPECT_THAT(text,
              HasSubstr(R"(rest_client_requests_total{code="<error>",host="api",method="GET"} 1)"));
  EXPECT_THAT(
      text,
      HasSubstr(
          R"(rest_client_request_duration_seconds_bucket{host="api",verb="PATCH",le="0.005"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(rest_client_request_retries_total{code="429",verb="PATCH"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(leader_election_master_status{name="annals-leader"} 1)"));
  EXPECT_THAT(text, HasSubstr("annals_api_server_warnings_total 1"));
  EXPECT_THAT(text, HasSubstr(R"(annals_watch_events_total{kind="pods"} 3)"));
  EXPECT_THAT(text, HasSubstr(R"(annals_watch_lists_total{kind="pods"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(annals_watch_restarts_total{cause="410",kind="pods"} 1)"));
  EXPECT_THAT(text, HasSubstr("HELP annals_watch_restarts_total Watch restarts by kind and cause"));
  EXPECT_THAT(text, HasSubstr("annals_api_server_answers 0"));
  EXPECT_THAT(text, HasSubstr("rest_client_rate_limiter_duration_seconds_count 1"));
}

TEST(MetricsTest, TellsWhatTheRuntimeCounts) {
  Metrics metrics("1.2");
  metrics.appended(5, 2ms);
  metrics.decided("provision", "begin");
  metrics.waited("switchover", "another-leads", 40s);
  metrics.waited("switchover", "another-leads", 11min);
  metrics.ended("done");
  metrics.ended("failed");
  const std::string text = metrics.answer().body;
  EXPECT_THAT(text, HasSubstr("annals_journal_records_total 5"));
  EXPECT_THAT(text, HasSubstr("annals_journal_append_duration_seconds_count 1"));
  EXPECT_THAT(text,
              HasSubstr(R"(annals_decisions_total{machine="provision",transition="begin"} 1)"));
  const std::string goal =
      R"(annals_operation_goal_seconds_bucket{goal="another-leads",operation="switchover",)";
  EXPECT_THAT(text, HasSubstr(goal + R"(le="30"} 0)"));
  EXPECT_THAT(text, HasSubstr(goal + R"(le="60"} 1)"));
  EXPECT_THAT(text, HasSubstr(goal + R"(le="1800"} 2)"));
  EXPECT_THAT(text, HasSubstr(R"(annals_intents_total{result="failed"} 1)"));
}

TEST(MetricsTest, TellsOfRestoreDrills) {
  Metrics metrics("1.2");
  EXPECT_THAT(metrics.answer().body,
              HasSubstr("annals_verified_backup_oldest_timestamp_seconds 0\n"));
  metrics.ask([] {
    return Figures{.clusters_verified = 2, .verified_at = Timestamp(std::chrono::seconds(1000))};
  });
  metrics.decided("restore-drill", "begin");
  metrics.decided("restore-drill", "complete");
  metrics.decided("restore-drill", "give-up");
  metrics.decided("restore-drill", "complete");
  const std::string text = metrics.answer().body;
  EXPECT_THAT(text, HasSubstr("annals_verified_backup_oldest_timestamp_seconds 1000\n"));
  EXPECT_THAT(text, HasSubstr(R"(annals_clusters{state="verified"} 2)"));
  EXPECT_THAT(text, HasSubstr(R"(annals_restore_drills_total{result="succeeded"} 2)"));
  EXPECT_THAT(text, HasSubstr(R"(annals_restore_drills_total{result="failed"} 1)"));
}

ClusterBackups backups_of(const char* name, int stop, std::uint64_t size) {
  const auto at = [](int seconds) { return Timestamp(std::chrono::seconds(seconds)); };
  fsm::RepositoryFigures repo{.repo = "repo1", .size = size, .growth_per_day = 2 * size};
  repo.last_backup = {at(stop), at(0), at(0), at(stop)};
  repo.last_wal = at(stop + 5);
  repo.last_error = at(stop / 2);
  return {.name_space = "pg", .name = name, .repositories = {repo}};
}

TEST(MetricsTest, TellsOfRepositoriesOfAllClustersTogether) {
  Metrics metrics("1.2");
  metrics.ask([] {
    Figures figures;
    figures.backups.emplace_back();
    merge(figures.backups[0], backups_of("hippo", 1000, 10));
    merge(figures.backups[0], backups_of("rhino", 2000, 20));
    figures.clusters_in_trouble[0] = 1;
    figures.clusters_in_trouble[2] = 3;
    return figures;
  });
  const std::string text = metrics.answer().body;
  const std::string backup = "annals_repository_last_backup_timestamp_seconds";
  EXPECT_THAT(text, HasSubstr(backup + R"({repo="repo1",type="full"} 1000)"));
  EXPECT_THAT(text, HasSubstr(backup + R"({repo="repo1",type="any"} 1000)"));
  EXPECT_THAT(text, Not(HasSubstr(R"(type="diff")"))) << "there is none";
  EXPECT_THAT(text, HasSubstr(R"(annals_repository_size_bytes{repo="repo1"} 30)"));
  EXPECT_THAT(text, HasSubstr(R"(annals_repository_growth_bytes_per_day{repo="repo1"} 60)"));
  EXPECT_THAT(text,
              HasSubstr(R"(annals_repository_last_wal_timestamp_seconds{repo="repo1"} 1005)"));
  EXPECT_THAT(text,
              HasSubstr(R"(annals_repository_last_error_timestamp_seconds{repo="repo1"} 1000)"));
  EXPECT_THAT(text, HasSubstr("annals_archiving_stopped_timestamp_seconds 0\n"));
  EXPECT_THAT(text, HasSubstr(R"(annals_clusters_in_trouble{condition="AnotherClusterLeads"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(annals_clusters_in_trouble{condition="BackupFaulty"} 3)"));
  EXPECT_THAT(text, HasSubstr(R"(annals_clusters_in_trouble{condition="WALMissing"} 0)"));
}

fsm::StandbyFigures following(int received, int last_transaction, std::uint64_t lag) {
  const auto at = [](int seconds) { return Timestamp(std::chrono::seconds(seconds)); };
  return {.is_streaming = received == 0,
          .is_caught_up = lag == 0,
          .lag_bytes = lag,
          .last_transaction = at(last_transaction),
          .received_at = at(received)};
}

TEST(MetricsTest, TellsOfTheStandbyThatIsFurthestBehind) {
  Metrics metrics("1.2");
  EXPECT_THAT(metrics.answer().body, Not(HasSubstr("\nannals_standby_lag_bytes")));
  metrics.ask([] {
    const Timestamp now(std::chrono::seconds(1000));
    Figures figures;
    figures.standbys.push_back(standby_now(following(0, 400, 0), now));
    merge(figures.standbys[0], standby_now(following(700, 690, 5000), now));
    return figures;
  });
  const std::string text = metrics.answer().body;
  EXPECT_THAT(text, HasSubstr("annals_standby_lag_bytes 5000\n"));
  EXPECT_THAT(text, HasSubstr("annals_standby_replay_lag_seconds 310\n"));
  EXPECT_THAT(text, HasSubstr("annals_standby_last_received_timestamp_seconds 700\n"));
}

TEST(MetricsTest, AStandbyThatStreamsHasReceivedSomethingNow) {
  Metrics metrics("1.2");
  metrics.ask([] {
    Figures figures;
    figures.standbys.push_back(
        standby_now(following(0, 400, 0), Timestamp(std::chrono::seconds(1000))));
    figures.standbys[0].name_space = "pg";
    figures.standbys[0].name = "hippo";
    return figures;
  });
  const std::string text = metrics.answer().body;
  EXPECT_THAT(text,
              HasSubstr(R"(annals_standby_replay_lag_seconds{namespace="pg",cluster="hippo"} 0)"));
  EXPECT_THAT(
      text,
      HasSubstr(
          R"(annals_standby_last_received_timestamp_seconds{namespace="pg",cluster="hippo"} 1000)"));
}

TEST(MetricsTest, AClusterWithoutABackupIsTheWorstOfAll) {
  ClusterBackups all;
  merge(all, backups_of("hippo", 1000, 10));
  merge(all, backups_of("rhino", 0, 0));
  ASSERT_EQ(all.repositories.size(), 1U);
  EXPECT_EQ(all.repositories[0].last_backup.back(), Timestamp());
  EXPECT_EQ(all.repositories[0].last_backup.front(), Timestamp(std::chrono::seconds(1000)));
}

TEST(MetricsTest, NamesEachClusterWhereThatIsAskedFor) {
  Metrics metrics("1.2");
  std::vector<ClusterBackups> clusters{backups_of("hippo", 1000, 10)};
  clusters[0].archiving_stopped_at = Timestamp(std::chrono::seconds(7));
  metrics.ask([&] { return Figures{.backups = clusters}; });
  std::string text = metrics.answer().body;
  EXPECT_THAT(text, HasSubstr(R"({namespace="pg",cluster="hippo",repo="repo1",type="any"} 1000)"));
  EXPECT_THAT(text, HasSubstr("annals_archiving_stopped_timestamp_seconds{namespace=\"pg\","
                              "cluster=\"hippo\"} 7"));
  clusters.clear();
  EXPECT_THAT(metrics.answer().body, Not(HasSubstr("hippo"))) << "it has gone";
}

TEST(MetricsTest, AsksHowThingsAreAtEachScrape) {
  Metrics metrics("1.2");
  std::size_t clusters = 3;
  metrics.ask([&] {
    return Figures{.clusters = clusters,
                   .clusters_ready = 2,
                   .clusters_resident = 1,
                   .journal_sequence = 77,
                   .ready = true};
  });
  EXPECT_THAT(metrics.answer().body, HasSubstr(R"(annals_clusters{state="all"} 3)"));
  clusters = 4;
  const std::string text = metrics.answer().body;
  EXPECT_THAT(text, HasSubstr(R"(annals_clusters{state="all"} 4)"));
  EXPECT_THAT(text, HasSubstr(R"(annals_clusters{state="ready"} 2)"));
  EXPECT_THAT(text, HasSubstr(R"(annals_clusters{state="awake"} 1)"));
  EXPECT_THAT(text, HasSubstr("annals_journal_last_sequence 77"));
  EXPECT_THAT(text, HasSubstr("annals_ready 1"));
  EXPECT_THAT(text, HasSubstr(R"(annals_build_info{version="1.2"} 1)"));
  EXPECT_THAT(text, Not(HasSubstr("process_resident_memory_bytes 0\n")));
  EXPECT_THAT(text, Not(HasSubstr("process_start_time_seconds 0\n")));
}

}  // namespace
}  // namespace annals::api
