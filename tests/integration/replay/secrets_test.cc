// I7: canaries in every input that may bear a secret; afterwards none stands in the journal's
// records, contents and snapshots, in its files, in a bundle, or in the logs: not raw, not in
// base64, not URL-escaped.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/log.h"
#include "journal/bundle.h"
#include "journal/secret_shapes.h"
#include "k8s/text/json.h"
#include "lens/cluster.h"
#include "lens/object.h"
#include "runtime/shell.h"
#include "tests/integration/journal/scratch.h"

namespace annals::replay {
namespace {

using nlohmann::json;

std::string base64(std::string_view bytes) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i + 2 < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8U | static_cast<std::uint8_t>(bytes[i + j]);
    for (int shift = 18; shift >= 0; shift -= 6)
      text += kAlphabet[group >> static_cast<unsigned>(shift) & 0x3fU];
  }
  return text;
}

std::string url_escaped(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (std::isalnum(byte) != 0) {
      text += c;
    } else {
      text += concat('%', kHex[byte >> 4U], kHex[byte & 0xfU]);
    }
  }
  return text;
}

// Each input has a canary of its own, so that a failure names the leak.
class Canaries {
 public:
  std::string hatch(const std::string& where) {
    all_.emplace_back(where, concat("C4nary/", all_.size(), "+of the mine!", all_.size(), "=q"));
    return all_.back().second;
  }

  void expect_none(std::string_view bytes, const std::string& place) const {
    for (const auto& [where, canary] : all_) {
      EXPECT_EQ(bytes.find(canary), std::string_view::npos) << where << " in " << place;
      EXPECT_EQ(bytes.find(url_escaped(canary)), std::string_view::npos)
          << where << " URL-escaped in " << place;
      // The same bytes in base64, wherever they begin within the text that was encoded.
      for (std::size_t shift = 0; shift < 3; ++shift) {
        EXPECT_EQ(bytes.find(base64(canary.substr(shift))), std::string_view::npos)
            << where << " in base64 in " << place;
      }
    }
    EXPECT_EQ(journal::find_secret(bytes), "") << place;
  }

 private:
  std::vector<std::pair<std::string, std::string>> all_;
};

class Outside final : public runtime::JournalSink, public runtime::IntentRunner {
 public:
  explicit Outside(journal::Journal& journal) : journal_(journal) {}

  Result<void> append(journal::Batch batch, Durable durable) override {
    Result<std::vector<journal::Record>> records = journal_.append_and_wait(std::move(batch));
    if (!records) return fail(std::move(records).error());
    durable(std::move(*records));
    return {};
  }
  std::string detail;  // how everything fails

  // Whatever is asked fails, so that errors are told too.
  void carry_out(fsm::Intent intent, actions::ClusterIdentity, Ended ended) override {
    ended({.intent = intent.id,
           .status = fsm::OutcomeStatus::kFailed,
           .detail = detail,
           .uid = {},
           .digest = {},
           .fields = {}});
  }

 private:
  journal::Journal& journal_;
};

class SecretsTest : public ::testing::Test {
 protected:
  // A PostgresCluster as the API server gives it, with a canary wherever one fits.
  json cluster() {
    const auto canary = [this](const char* where) { return canaries_.hatch(where); };
    json object = {{"apiVersion", "postgres-operator.crunchydata.com/v1beta1"},
                   {"kind", "PostgresCluster"},
                   {"metadata",
                    {{"name", "hippo"},
                     {"namespace", "ns"},
                     {"uid", "uid-of-hippo"},
                     {"resourceVersion", "7"},
                     {"generation", 1},
                     {"annotations",
                      {{"kubectl.kubernetes.io/last-applied-configuration",
                        concat(R"({"spec":{"x":")", canary("last applied"), "\"}}")},
                       {"note", concat("password='", canary("annotation"), "'")}}}}}};
    json& spec = object["spec"];
    spec["postgresVersion"] = 15;
    spec["instances"] = json::array();
    spec["instances"].push_back(
        {{"name", "a"},
         {"replicas", 1},
         {"containers",
          {{{"name", "side"},
            {"env", {{{"name", "PGPASSWORD"}, {"value", canary("environment")}}}}}}},
         {"dataVolumeClaimSpec",
          {{"accessModes", {"ReadWriteOnce"}},
           {"resources", {{"requests", {{"storage", "1Gi"}}}}}}}});
    spec["users"] = json::array();
    spec["users"].push_back(
        {{"name", "rhino"}, {"options", concat("LOGIN PASSWORD '", canary("options"), "'")}});
    spec["config"]["parameters"]["primary_conninfo"] =
        concat("host=db password='", canary("parameter"), "'");
    spec["patroni"]["dynamicConfiguration"]["postgresql"]["parameters"]["archive_command"] =
        concat("push https://me:", url_escaped(canary("URI")), "@host/%p");
    spec["patroni"]["dynamicConfiguration"]["postgresql"]["pg_hba"] = {
        concat("host all all all ldap ldapbindpasswd=\"", canary("hba"), "\"")};
    spec["authentication"]["rules"] = json::array();
    spec["authentication"]["rules"].push_back(
        {{"connection", "host"},
         {"method", "ldap"},
         {"options", {{"ldapbindpasswd", canary("rule")}, {"ldapbasedn", "dc=x"}}}});
    spec["backups"]["pgbackrest"]["global"] = {{"repo1-cipher-pass", canary("cipher")},
                                               {"repo1-s3-key-secret", canary("S3")}};
    spec["proxy"]["pgBouncer"]["config"]["databases"]["x"] =
        concat("host=y password='", canary("proxy"), "'");
    spec["metadata"]["annotations"]["key"] =
        concat("-----BEGIN PRIVATE KEY-----\n", base64(canary("PEM")), "\n");
    return object;
  }

  // A Secret of the cluster, as its watch gives it.
  json secret() {
    return {{"apiVersion", "v1"},
            {"kind", "Secret"},
            {"metadata",
             {{"name", "hippo-pguser-hippo"},
              {"namespace", "ns"},
              {"uid", "uid-of-secret"},
              {"resourceVersion", "8"},
              {"labels", {{"postgres-operator.crunchydata.com/cluster", "hippo"}}},
              {"managedFields",
               {{{"manager", "annals"},
                 {"operation", "Apply"},
                 {"fieldsType", "FieldsV1"},
                 {"fieldsV1", {{"f:data", {{"f:password", json::object()}}}}}}}}}},
            {"data", {{"password", base64(canaries_.hatch("the Secret's password") + "__")}}}};
  }

  Canaries canaries_;
};

TEST_F(SecretsTest, NoCanaryReachesTheJournalABundleOrTheLogs) {
  const journal::Scratch scratch;
  const std::string directory = scratch / "journal";
  ManualClock clock{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2}};
  std::ostringstream logged;
  {
    journal::Options options;
    options.directory = directory;
    options.clock = &clock;
    const std::unique_ptr<journal::Journal> journal =
        journal::Journal::open(std::move(options)).value();
    Outside outside(*journal);
    outside.detail =
        concat("refused: postgres://u:", url_escaped(canaries_.hatch("a URI in an error")),
               "@h/db, password='", canaries_.hatch("an error"), "'");
    runtime::Shell shell({.journal = outside,
                          .runner = outside,
                          .clock = clock,
                          .log = Log(log_to(logged), clock, LogLevel::kDebug),
                          .may_write = [] { return true; },
                          .records_per_snapshot = 1});
    shell.start(Epoch(1), "test",
                {.version = "test",
                 .name_space = "operators",
                 .images = {{"RELATED_IMAGE_POSTGRES_15", "postgres:15"},
                            {"RELATED_IMAGE_PGBACKREST", "pgbackrest"}}});
    k8s::JsonReader reader;
    const Result<lens::ClusterView> view = lens::read_cluster_view(reader, cluster().dump());
    ASSERT_TRUE(view.has_value()) << to_string(view.error());
    shell.observe(ClusterUid("uid-of-hippo"), view->fact);
    shell.all_listed();
    fsm::SpecObserved sound = view->fact;
    sound.name = "rhino";
    sound.resource =
        R"({"metadata":{"name":"rhino","namespace":"ns"},"spec":{"postgresVersion":15,"instances":[{"name":"a",)"
        R"("dataVolumeClaimSpec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}]}})";
    shell.observe(ClusterUid("uid-of-rhino"), sound);
    Result<lens::OwnedView> owned = lens::read_owned_view(reader, secret().dump());
    ASSERT_TRUE(owned.has_value()) << to_string(owned.error());
    shell.observe("ns", "hippo", owned->fact);
    fsm::PodObserved pod;
    pod.name = "hippo-a-bcdf-0";
    pod.uid = "uid-of-pod";
    pod.problem = concat("pull: password='", canaries_.hatch("a pod's problem"), "'");
    shell.observe("ns", "hippo", pod);
    EXPECT_EQ(shell.quarantined(), 0U) << "the journal refuses what should have been redacted";
    ASSERT_GT(journal->head().seq.value(), 5U);

    const Result<void> scanned =
        journal->reader().scan(Sequence(1), journal->head().seq, [&](journal::Record&& record) {
          canaries_.expect_none(record.payload, concat("record ", record.seq, " ", record.type));
          for (const Digest& blob : record.blobs)
            canaries_.expect_none(journal->reader().blob(blob).value(), "a content");
          return true;
        });
    ASSERT_TRUE(scanned.has_value());
    for (const Sequence seq : journal->reader().snapshots(ClusterUid("uid-of-hippo")).value()) {
      canaries_.expect_none(
          journal->reader().snapshot(ClusterUid("uid-of-hippo"), seq).value()->content,
          "a snapshot");
    }
    ASSERT_TRUE(journal::export_bundle(journal->reader(), {}, scratch / "bundle"));
  }
  ASSERT_TRUE(journal::import_bundle(scratch / "bundle", scratch / "imported"));
  EXPECT_NE(logged.str(), "");
  canaries_.expect_none(logged.str(), "the logs");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch.path())) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    canaries_.expect_none(bytes, entry.path());
  }
}

}  // namespace
}  // namespace annals::replay
