// A new cluster gets its data from an object store: from one that the spec describes, whose cluster
// may be gone, or from another cluster's repository there. A pod of its own reads it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fsm/operations/clone.h"
#include "tests/unit/fsm/with_restore_jobs.h"

namespace annals::fsm {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kBucket =
    R"("s3":{"bucket":"old","endpoint":"s3.example.com","region":"north"})";
constexpr const char* kKeys = R"("configuration":[{"secret":{"name":"keys"}}])";

class CloneFromStore : public WithRestoreJobs {
 protected:
  CloneFromStore() {
    world_.source = {.found = true, .uid = "uid-of-rhino", .resource = rhino(kBucket)};
    world_.source_contents = contents();
  }

  static std::string pgbackrest(const std::string& more = {}) {
    return concat(R"("pgbackrest":{"repo":{"name":"repo1",)", kBucket, "},", kKeys, more, "}");
  }
  static std::string cluster(const std::string& more = {}) {
    return concat(R"("postgresCluster":{"clusterName":"rhino",)", more, R"("repoName":"repo1"})");
  }
  // `repos`: what hippo's own backups have instead of a volume.
  static SpecObserved hippo(const std::string& source, const std::string& backups = {}) {
    SpecObserved spec = backups.empty() ? World::hippo_with_backups() : World::hippo();
    if (!backups.empty())
      spec.resource.insert(spec.resource.size() - 2,
                           concat(R"(,"backups":{"pgbackrest":{)", backups, "}}"));
    spec.resource.insert(spec.resource.size() - 2, concat(R"(,"dataSource":{)", source, "}"));
    spec.finalized = true;
    return spec;
  }
  static std::string rhino(const std::string& store) {
    return concat(R"({"metadata":{"name":"rhino","namespace":"zoo"},"spec":{"postgresVersion":15,)",
                  R"("instances":[{"dataVolumeClaimSpec":{"accessModes":["ReadWriteOnce"],)",
                  R"("resources":{"requests":{"storage":"1Gi"}}}}],"backups":{"pgbackrest":{)",
                  kKeys, R"(,"repos":[{"name":"repo1",)", store, "}]}}}}");
  }

  std::string reader() const {
    for (const auto& [ref, object] : world_.state().objects) {
      if (ref.kind == "StatefulSet" && ref.name.starts_with("hippo-reader-")) return ref.name;
    }
    return {};
  }
  void reader_is_ready() {
    PodObserved pod;
    pod.name = reader() + "-0";
    pod.uid = "uid-of-" + pod.name;
    pod.phase = "Running";
    pod.ready = true;
    world_.tell(pod);
  }
  std::string waits_for() const {
    const auto found = world_.state().blockers.find("clone");
    return found == world_.state().blockers.end() ? "" : sentence(found->second.waits_for);
  }
  const ReadSource* last_reading() const {
    for (const Intent& intent : world_.carried_out() | std::views::reverse) {
      if (const auto* read = std::get_if<ReadSource>(&intent.action)) return read;
    }
    return nullptr;
  }
};

TEST_F(CloneFromStore, IsReadByAPodOfItsOwnAndRestored) {
  world_.start(hippo(pgbackrest()));
  ASSERT_NE(reader(), "") << waits_for();
  EXPECT_THAT(waits_for(), HasSubstr("pod " + reader() + "-0"));
  EXPECT_EQ(asked("source"), 0);
  const std::string name = reader();
  EXPECT_THAT(last_apply(name)->manifest,
              AllOf(HasSubstr(R"("name":"keys")"), HasSubstr("hippo-pgbackrest-source"),
                    Not(HasSubstr("hippo-pgbackrest-config"))));
  EXPECT_THAT(last_apply("hippo-pgbackrest-source")->manifest,
              AllOf(HasSubstr("repo1-s3-bucket=old"), HasSubstr("repo1-path=/pgbackrest/repo1"),
                    HasSubstr("[db]")));
  reader_is_ready();
  ASSERT_NE(last_reading(), nullptr);
  EXPECT_EQ(last_reading()->cluster, "");
  EXPECT_EQ(last_reading()->pod, name + "-0");
  EXPECT_EQ(last_reading()->pod_namespace, "ns");
  EXPECT_EQ(last_reading()->stanza, "db");
  const ApplyObject* job = last_apply(kRestoreJob);
  ASSERT_NE(job, nullptr) << waits_for();
  EXPECT_THAT(job->manifest, AllOf(HasSubstr("20260101-220000F"), HasSubstr(R"("name":"keys")"),
                                   HasSubstr("hippo-pgbackrest-source")));
  EXPECT_EQ(sentence(job->guard.allowed_by),
            "requested by spec.dataSource, from s3 bucket old at s3.example.com, path "
            "/pgbackrest/repo1");
}

TEST_F(CloneFromStore, LeavesNothingOfItsAccess) {
  world_.start(hippo(pgbackrest()));
  reader_is_ready();
  job_succeeds(kRestoreJob,
               "system 8000000000000000001\ntimeline 2\nfrom 1\nlsn 0/6000000\nstopped -\n");
  EXPECT_EQ(reader(), "");
  EXPECT_FALSE(world_.state().objects.contains(World::ref("ConfigMap", "hippo-pgbackrest-source")));
  EXPECT_EQ(world_.state().restore->phase, RestorePhase::kStarting) << waits_for();
}

TEST_F(CloneFromStore, AnotherStanzaIsReadAndRestored) {
  world_.start(hippo(pgbackrest(R"(,"stanza":"old-db")")));
  EXPECT_THAT(last_apply("hippo-pgbackrest-source")->manifest, HasSubstr("[old-db]"));
  reader_is_ready();
  EXPECT_EQ(last_reading()->stanza, "old-db");
  ASSERT_NE(last_apply(kRestoreJob), nullptr) << waits_for();
  EXPECT_THAT(last_apply(kRestoreJob)->manifest, HasSubstr(R"("value":"old-db")"));
}

TEST_F(CloneFromStore, HasTheOptionsOfEveryClone) {
  world_.start(
      hippo(pgbackrest(R"(,"options":["--type=time","--target=\"2026-01-01 23:30:00\""])")));
  reader_is_ready();
  ASSERT_NE(last_apply(kRestoreJob), nullptr) << waits_for();
  EXPECT_THAT(last_apply(kRestoreJob)->manifest, HasSubstr("2026-01-01 23:30:00+00"));
}

TEST_F(CloneFromStore, OptionsThatCannotBeAreToldBeforeAnythingIsRead) {
  world_.start(hippo(pgbackrest(R"(,"options":["--repo=2"])")));
  EXPECT_THAT(waits_for(), AllOf(HasSubstr("--repo"), HasSubstr("dataSource.pgbackrest.options")));
  EXPECT_FALSE(is_there(kRestoreJob));
}

// Both write WAL of one system identifier: pgBackRest would not notice.
TEST_F(CloneFromStore, ItsOwnBackupsMayNotGoToTheSamePlace) {
  const std::string own = concat(R"("repos":[{"name":"repo1",)", kBucket, "}]");
  world_.start(hippo(pgbackrest(), own));
  EXPECT_THAT(waits_for(), AllOf(HasSubstr("would write into the source's backups"),
                                 HasSubstr("repo1-path in spec.backups.pgbackrest.global")));
  EXPECT_FALSE(is_there(kRestoreJob));
  world_.tell(hippo(pgbackrest(), concat(own, R"(,"global":{"repo1-path":"/new"})")));
  reader_is_ready();
  EXPECT_TRUE(is_there(kRestoreJob)) << waits_for();
}

TEST_F(CloneFromStore, WhatIsNotThereYetIsLookedForAgain) {
  world_.source_contents = {.code = kRepositoryUnreadable,
                            .trouble = "HTTP request failed with 403"};
  world_.start(hippo(pgbackrest()));
  reader_is_ready();
  EXPECT_THAT(waits_for(), HasSubstr("403"));
  world_.source_contents = contents();
  world_.pass(std::chrono::minutes(1));
  world_.tell(TimerFired{});
  EXPECT_TRUE(is_there(kRestoreJob)) << waits_for();
}

TEST_F(CloneFromStore, AnotherDescriptionIsReadByAnotherPod) {
  world_.start(hippo(pgbackrest()));
  const std::string first = reader();
  world_.tell(hippo(pgbackrest(R"(,"global":{"repo1-path":"/other"})")));
  bool is_other = false;
  for (const auto& [ref, object] : world_.state().objects)
    is_other = is_other || (ref.kind == "StatefulSet" && ref.name.starts_with("hippo-reader-") &&
                            ref.name != first);
  EXPECT_TRUE(is_other) << waits_for();
  EXPECT_TRUE(world_.has_decided("replace"));
}

TEST_F(CloneFromStore, OfAnotherClusterTakesItsConfigurationAlong) {
  world_.start(hippo(cluster()));
  EXPECT_EQ(asked("source"), 1);
  ASSERT_NE(reader(), "") << waits_for();
  reader_is_ready();
  EXPECT_EQ(asked("source"), 2);
  EXPECT_EQ(last_reading()->cluster, "rhino");
  EXPECT_TRUE(last_reading()->pod.starts_with("hippo-reader-"));
  EXPECT_TRUE(is_there(kRestoreJob)) << waits_for();
}

// hippo is in ns, rhino in zoo.
TEST_F(CloneFromStore, OfAnotherNamespaceTakesCopies) {
  world_.start(hippo(cluster(R"("clusterNamespace":"zoo",)")));
  const EnsureSecret* copied = nullptr;
  for (const Intent& intent : world_.carried_out()) {
    const auto* secret = std::get_if<EnsureSecret>(&intent.action);
    if (secret != nullptr && secret->ref.name == "hippo-pgbackrest-source-0") copied = secret;
  }
  ASSERT_NE(copied, nullptr) << waits_for();
  const auto& recipe = std::get<manifests::CopiedSecret>(copied->recipe);
  EXPECT_EQ(recipe.from_namespace, "zoo");
  EXPECT_EQ(recipe.from, "keys");
  EXPECT_TRUE(recipe.keys.empty()) << "all of them";
  EXPECT_THAT(last_apply(reader())->manifest,
              AllOf(HasSubstr("hippo-pgbackrest-source-0"), Not(HasSubstr(R"("name":"keys")"))));
  reader_is_ready();
  job_succeeds(kRestoreJob,
               "system 8000000000000000001\ntimeline 2\nfrom 1\nlsn 0/6000000\nstopped -\n");
  EXPECT_FALSE(world_.state().objects.contains(World::ref("Secret", "hippo-pgbackrest-source-0")));
}

TEST_F(CloneFromStore, OfAnotherClusterGoesToAnotherPlaceToo) {
  world_.start(hippo(cluster(), concat(R"("repos":[{"name":"repo2",)", kBucket,
                                       R"(}],"global":{"repo2-path":"/pgbackrest/repo1"})")));
  EXPECT_THAT(waits_for(), HasSubstr("the cluster's repository repo2 and the source's repository "
                                     "repo1 are the same place"));
  EXPECT_EQ(reader(), "");
}

TEST_F(CloneFromStore, FromItsOwnRepositoryItIsReadByThatPodToo) {
  world_.repositories["repo1"] = contents();
  world_.start(hippo(R"("postgresCluster":{"repoName":"repo1"})",
                     concat(kKeys, R"(,"repos":[{"name":"repo1",)", kBucket, "}]")));
  ASSERT_NE(reader(), "") << waits_for();
  EXPECT_THAT(last_apply(reader())->manifest, HasSubstr("hippo-pgbackrest-config"));
  EXPECT_EQ(asked("repository/repo1"), 0);
  reader_is_ready();
  EXPECT_EQ(asked("repository/repo1"), 1);
  EXPECT_TRUE(is_there(kRestoreJob)) << waits_for();
}

}  // namespace
}  // namespace annals::fsm
