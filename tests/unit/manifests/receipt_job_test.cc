#include "manifests/pgbackrest/receipt_job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "manifests/labels.h"
#include "tests/unit/manifests/clusters.h"

namespace annals::manifests {
namespace {

using testing::HasSubstr;
using testing::Not;

ReceiptJob receipt_request(std::vector<std::string> repos = {"repo2", "repo4"}) {
  return {.id = "2026-01-31", .instance = "zebra-01-lmnp", .repos = std::move(repos)};
}
Json receipt_job_of(const ReceiptJob& job) {
  return receipt_job(two_sets(), observed_two_sets(), job);
}
Json receipt_pod_of(const Json& job) { return job["spec"]["template"]["spec"]; }
std::vector<std::string> receipt_words_of(const Json& job) {
  std::vector<std::string> words;
  const Json pod = receipt_pod_of(job);
  for (const Json& word : pod["containers"][0]["command"]) words.push_back(word.text());
  return {words.begin() + 6, words.end()};
}

TEST(ReceiptJob, OnlyReadsTheVolumeOfTheInstance) {
  const Json job = receipt_job_of(receipt_request());
  EXPECT_EQ(job["metadata"]["name"], "zebra-shutdown-receipt");
  EXPECT_EQ(job["metadata"]["labels"][label::kStartupInstance], "zebra-01-lmnp");
  EXPECT_EQ(job["metadata"]["annotations"][annotation::kPgBackRestHash],
            hash_of(receipt_request()));
  EXPECT_EQ(job["spec"]["backoffLimit"], 0);
  const Json pod = receipt_pod_of(job);
  EXPECT_EQ(pod["automountServiceAccountToken"], false);
  EXPECT_EQ(pod["restartPolicy"], "Never");
  EXPECT_THAT(pod["volumes"].dump(), HasSubstr(R"("claimName":"zebra-01-lmnp-pgdata")"));
  EXPECT_THAT(pod["volumes"].dump(), Not(HasSubstr("pgwal")));
  const Json mounts = pod["containers"][0]["volumeMounts"];
  EXPECT_EQ(mounts[0]["mountPath"], "/pgdata");
  EXPECT_EQ(mounts[0]["readOnly"], true);
}

TEST(ReceiptJob, IsToldWhereItComes) {
  EXPECT_EQ(receipt_words_of(receipt_job_of(receipt_request())),
            (std::vector<std::string>{"2", "4", "--", "--io-timeout=5"}));
  EXPECT_THAT(receipt_pod_of(receipt_job_of(receipt_request()))["volumes"].dump(),
              HasSubstr("pgbackrest_instance.conf"));
}

TEST(ReceiptJob, NeedsNoConfigurationWhereItComesNowhere) {
  EXPECT_EQ(receipt_words_of(receipt_job_of(receipt_request({}))),
            (std::vector<std::string>{"--"}));
  EXPECT_THAT(receipt_pod_of(receipt_job_of(receipt_request({})))["volumes"].dump(),
              Not(HasSubstr("pgbackrest")));
}

TEST(ReceiptJob, IsAnotherOneWithEachOfItsSettings) {
  std::vector<ReceiptJob> jobs(5, receipt_request());
  jobs[1].id = "again";
  jobs[2].instance = "zebra-big-bcdf";
  jobs[3].repos.pop_back();
  jobs[4].attempt = 1;
  std::set<std::string> hashes;
  for (const ReceiptJob& job : jobs) hashes.insert(hash_of(job));
  EXPECT_EQ(hashes.size(), jobs.size());
}

}  // namespace
}  // namespace annals::manifests
