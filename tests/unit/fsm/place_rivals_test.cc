// Two clusters at one place of an object store: what a cluster claims, and who of two gives way.
#include "fsm/view/place_rivals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/concat.h"
#include "tests/unit/fsm/with_restore_jobs.h"

namespace annals::fsm {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kPlace = "s3 bucket b at s3.example.com, path /pgbackrest/repo1";

std::string resource_with(const std::string& repo, const std::string& more = {},
                          const std::string& of_spec = {}) {
  return concat(R"({"metadata":{"name":"hippo","namespace":"zoo"},"spec":{"postgresVersion":15,)",
                R"("instances":[{"dataVolumeClaimSpec":{"accessModes":["ReadWriteOnce"],)",
                R"("resources":{"requests":{"storage":"1Gi"}}}}],"backups":{"pgbackrest":{)",
                R"("repos":[{"name":"repo1",)", repo, "}]", more, "}}", of_spec, "}}");
}
std::string s3_at(const std::string& endpoint) {
  return concat(R"("s3":{"bucket":"b","endpoint":")", endpoint, R"(","region":"r"})");
}

// ---- What is claimed

TEST(ClaimedPlaces, AreThoseInObjectStoresOfWhoWritesThere) {
  EXPECT_THAT(claimed_places(resource_with(s3_at("s3.example.com"))),
              ElementsAre(ClaimedPlace{.repo = "repo1", .text = kPlace}));
  EXPECT_THAT(claimed_places(resource_with(R"("volume":{"volumeClaimSpec":{}})")), IsEmpty());
  EXPECT_THAT(claimed_places(resource_with(s3_at("s3.example.com"), {},
                                           R"(,"standby":{"enabled":true,"repoName":"repo1"})")),
              IsEmpty())
      << "it follows another cluster's";
  EXPECT_THAT(claimed_places(resource_with(s3_at("s3.example.com"), {}, R"(,"port":80)")),
              testing::SizeIs(1))
      << "a mistake elsewhere does not move it";
}

TEST(ClaimedPlaces, OfOneNameMayBeTwo) {
  const auto scope = [](const std::string& resource) { return claimed_places(resource)[0].scope; };
  EXPECT_EQ(scope(resource_with(s3_at("s3.example.com"))), "");
  EXPECT_EQ(scope(resource_with(s3_at("minio:9000"))), "zoo") << "a Service of the namespace";
  const std::string azure = R"("azure":{"container":"b"})";
  EXPECT_NE(scope(resource_with(azure, R"(,"configuration":[{"secret":{"name":"one"}}])")),
            scope(resource_with(azure, R"(,"configuration":[{"secret":{"name":"two"}}])")));
  EXPECT_EQ(scope(resource_with(azure, R"(,"global":{"repo1-azure-account":"acme"})")),
            "account acme");
}

// ---- What a cluster makes of its rivals

class Rivals : public WithRestoreJobs {
 protected:
  static SpecObserved spec_with(const std::string& repos, const std::string& more = {}) {
    SpecObserved spec = World::hippo();
    spec.resource.insert(spec.resource.size() - 2,
                         concat(R"(,"backups":{"pgbackrest":{"repos":[)", repos, "]", more, "}}"));
    return spec;
  }
  static std::string store(const std::string& name, const std::string& bucket) {
    return concat(R"({"name":")", name, R"(","s3":{"bucket":")", bucket,
                  R"(","endpoint":"s3.example.com","region":"r"}})");
  }
  static RivalsSeen rhino(bool came_first, bool has_stanza) {
    return {.rivals = {{.place = kPlace,
                        .cluster = "zoo/rhino",
                        .repo = "repo2",
                        .came_first = came_first,
                        .has_stanza = has_stanza}}};
  }
  void open(const SpecObserved& spec) {
    for (const char* repo : {"repo1", "repo2"}) world_.repositories[repo] = contents();
    world_.start(spec);
    world_.primary_is_ready();
    world_.patroni_stores("anything");
  }
  void change(SpecObserved spec) {
    spec.generation = ++generation_;
    spec.finalized = true;
    world_.tell(spec);
    world_.tell(TimerFired{});
  }
  bool has_asked_for(const std::string& job) const {
    return std::ranges::any_of(world_.history(),
                               [&](const std::string& target) { return target.contains(job); });
  }
  // As the instances have it.
  std::string configuration() const { return last_manifest("hippo-pgbackrest-config"); }
  std::string last_manifest(const std::string& name) const {
    std::string manifest;
    for (const Intent& intent : world_.carried_out()) {
      const auto* apply = std::get_if<ApplyObject>(&intent.action);
      if (apply != nullptr && apply->ref.name == name) manifest = apply->manifest;
    }
    return manifest;
  }
  std::string words_of_place() const {
    const Condition* its = condition("RepositoryPlaceTaken");
    return its == nullptr ? std::string() : concat(its->reason, ": ", sentence(its->message));
  }
  std::string last_event(const std::string& reason) const {
    std::string text;
    for (const Intent& intent : world_.carried_out()) {
      const auto* event = std::get_if<EmitEvent>(&intent.action);
      if (event != nullptr && event->reason == reason) text = sentence(event->message);
    }
    return text;
  }

  std::int64_t generation_ = 1;
};

TEST_F(Rivals, WhoCameLaterWritesNothingUntilThePlaceIsFree) {
  world_.tell(rhino(true, false));
  open(spec_with(store("repo1", "b")));
  EXPECT_FALSE(has_asked_for("-stanza-"));
  EXPECT_THAT(configuration(), HasSubstr("repo1-path=/place-taken/uid-of-hippo"));
  EXPECT_THAT(words_of_place(),
              AllOf(HasSubstr("PlaceTaken: repo1, s3 bucket b at s3.example.com"),
                    HasSubstr("cluster zoo/rhino has its repo2: nothing is written there"),
                    HasSubstr("repo1-path in spec.backups.pgbackrest.global")));
  EXPECT_THAT(last_event("PlaceTaken"), HasSubstr("zoo/rhino"));
  const Blocker& blocker = world_.state().blockers.at("stanza-repo1");
  EXPECT_EQ(blocker.transition, "place-free");
  EXPECT_THAT(sentence(blocker.remedy), HasSubstr("delete cluster zoo/rhino"));
  EXPECT_EQ(condition("Stalled")->status, true) << "nothing comes by itself";

  world_.tell(RivalsSeen{});
  EXPECT_THAT(configuration(), HasSubstr("repo1-path=/pgbackrest/repo1"));
  EXPECT_TRUE(has_asked_for("-stanza-"));
  EXPECT_EQ(words_of_place(), "");
}

TEST_F(Rivals, WhoCameFirstTakesThePlace) {
  world_.tell(rhino(false, false));
  open(spec_with(store("repo1", "b")));
  EXPECT_TRUE(has_asked_for("-stanza-"));
  EXPECT_EQ(words_of_place(), "");
}

TEST_F(Rivals, WhoWritesThereKeepsItWhoeverCameFirst) {
  world_.tell(rhino(false, true));
  open(spec_with(store("repo1", "b")));
  EXPECT_FALSE(has_asked_for("-stanza-"));
  EXPECT_THAT(words_of_place(), HasSubstr("PlaceTaken"));
}

TEST_F(Rivals, WhatHasBegunGoesOnAndIsTold) {
  open(spec_with(store("repo1", "b")));
  world_.job_ends("complete");
  world_.job_ends("complete");
  const std::string before = configuration();
  world_.tell(rhino(true, false));
  EXPECT_EQ(words_of_place(), "") << "the other one gives way";
  world_.tell(rhino(true, true));
  EXPECT_EQ(configuration(), before) << "WAL goes where it went";
  EXPECT_THAT(words_of_place(), AllOf(HasSubstr("PlaceShared: repo1"), HasSubstr("Both go on")));
  EXPECT_THAT(last_event("PlaceShared"), HasSubstr("zoo/rhino"));
  EXPECT_EQ(world_.state().backup.phase, BackupPhase::kDone);
}

TEST_F(Rivals, AMoveToAPlaceThatIsTakenStopsBeforeItWrites) {
  open(spec_with(store("repo1", "a")));
  world_.job_ends("complete");
  world_.job_ends("complete");
  const std::size_t before = world_.history().size();
  world_.tell(rhino(false, true));  // it comes before the specification
  change(spec_with(store("repo1", "b")));
  for (std::size_t i = before; i < world_.history().size(); ++i)
    EXPECT_THAT(world_.history()[i], Not(HasSubstr("Job/")));
  EXPECT_THAT(configuration(), HasSubstr("/place-taken/"));
  change(spec_with(store("repo1", "b"), R"(,"global":{"repo1-path":"/hippo"})"));
  EXPECT_THAT(configuration(), HasSubstr("repo1-path=/hippo"));
  EXPECT_EQ(words_of_place(), "");
  EXPECT_TRUE(last_apply(world_.job()) != nullptr);
}

TEST_F(Rivals, AnotherRepositoryIsNotHeldUp) {
  world_.tell(rhino(true, true));
  open(spec_with(store("repo1", "b") + "," + store("repo2", "c")));
  EXPECT_THAT(last_apply(world_.job())->manifest, HasSubstr("repo2-/!d"));
  world_.job_ends("complete");
  EXPECT_THAT(last_apply(world_.job())->manifest, HasSubstr("backup --stanza=db --repo=2"));
  world_.job_ends("complete");
  EXPECT_EQ(world_.state().backup.phase, BackupPhase::kDone);
}

TEST_F(Rivals, ANewJournalTakesTheStatusForWhatHasBegun) {
  open(spec_with(store("repo1", "b")));
  ClusterState anew = world_.state();
  anew.backup = {};
  anew.begun_here = false;
  anew.rivals = rhino(true, true).rivals;
  const RepositoryPlace place{.repo = "repo1", .text = kPlace};
  EXPECT_NE(holder_of(anew, place), nullptr);
  anew.spec->stanzas = {"repo1"};
  EXPECT_EQ(holder_of(anew, place), nullptr);
  EXPECT_NE(fellow_writer(anew, place), nullptr);
  const Step made = step(
      anew, {.seq = Sequence(99'999), .time = anew.now, .epoch = {}, .input = rhino(true, true)});
  EXPECT_TRUE(made.state.backup.stanzas.at("repo1").found);
  EXPECT_EQ(holder_of(made.state, place), nullptr);
}

// ---- Its cipher

TEST_F(Rivals, ACipherThatChangesIsRefusedUntilItIsBackOrThePlaceIsNew) {
  const std::string files = R"(,"configuration":[{"secret":{"name":"hippo-s3"}}])";
  const std::string with_cipher = R"(,"global":{"repo1-cipher-type":"aes-256-cbc"})";
  open(spec_with(store("repo1", "b"), files));
  world_.job_ends("complete");
  world_.job_ends("complete");
  EXPECT_EQ(world_.state().backup.stanzas.at("repo1").cipher, "none");
  const std::string before = configuration();
  change(spec_with(store("repo1", "b"), files + with_cipher));
  EXPECT_EQ(configuration(), before) << "WAL is archived as before";
  EXPECT_EQ(condition("Progressing")->reason, "InvalidSpec");
  EXPECT_THAT(
      sentence(condition("Progressing")->message),
      AllOf(HasSubstr("spec.backups.pgbackrest.global.repo1-cipher-type is aes-256-cbc, and "
                      "repo1 was made with none"),
            HasSubstr("Set it to none again, or give repo1 a new place by repo1-path")));
  EXPECT_THAT(last_event("InvalidSpec"), HasSubstr("cipher"));
  change(spec_with(store("repo1", "b"), files));
  EXPECT_NE(condition("Progressing")->reason, "InvalidSpec");
  change(spec_with(store("repo1", "b"),
                   files + R"(,"global":{"repo1-cipher-type":"aes-256-cbc","repo1-path":"/new"})"));
  EXPECT_NE(condition("Progressing")->reason, "InvalidSpec");
  EXPECT_THAT(configuration(), HasSubstr("repo1-cipher-type=aes-256-cbc"));
  world_.job_ends("complete");
  EXPECT_EQ(world_.state().backup.stanzas.at("repo1").cipher, "aes-256-cbc");
}

}  // namespace
}  // namespace annals::fsm
