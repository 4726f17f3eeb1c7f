// Volumes outlive their cluster for a time, and a new one of its name takes them up.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "fsm/view/blockers.h"
#include "tests/unit/fsm/with_restore_jobs.h"

namespace annals::fsm {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kOld = "uid-of-hippo";
constexpr const char* kNew = "uid-of-another-hippo";
constexpr const char* kRetention = "deleted-volume-retention";
constexpr const char* kTakeUp = "take-up-deleted";
constexpr const char* kMoveData = "hippo-move-pgdata-dir";

SpecObserved hippo(int replicas, const std::string& annotation, const std::string& value) {
  SpecObserved spec = World::hippo_with_backups();
  spec.resource.insert(spec.resource.find(R"("name":"instance1",)"),
                       concat(R"("replicas":)", replicas, ","));
  const std::string metadata = R"("metadata":{)";
  if (!annotation.empty())
    spec.resource.insert(spec.resource.find(metadata) + metadata.size(),
                         concat(R"("annotations":{"postgres-operator.crunchydata.com/)", annotation,
                                R"(":")", value, R"("},)"));
  return spec;
}

ObjectObserved claim(const std::string& name, const std::string& instance) {
  ObjectObserved object;
  object.ref = World::ref("PersistentVolumeClaim", name);
  object.uid = "uid-of-" + name;
  object.fields.claim.edit().requested = "1Gi";
  if (!instance.empty()) object.fields.instance = {{.set = "instance1", .name = instance}};
  return object;
}

class KeptVolumes : public WithRestoreJobs {
 protected:
  // Every claim that was asked to be kept, by the last such intent.
  std::map<std::string, KeepClaim> kept() const {
    std::map<std::string, KeepClaim> all;
    for (const Intent& intent : world_.carried_out()) {
      const auto* action = std::get_if<KeepClaim>(&intent.action);
      if (action != nullptr) all[action->ref.name] = *action;
    }
    return all;
  }
  std::string told(const std::string& reason) const {
    std::string text;
    for (const Intent& intent : world_.carried_out()) {
      const auto* event = std::get_if<EmitEvent>(&intent.action);
      if (event != nullptr && event->reason == reason) text = sentence(event->message);
    }
    return text;
  }
  std::vector<const DeleteObject*> deleted_claims() const {
    std::vector<const DeleteObject*> all;
    for (const Intent& intent : world_.carried_out()) {
      const auto* action = std::get_if<DeleteObject>(&intent.action);
      if (action != nullptr && action->ref.kind == "PersistentVolumeClaim") all.push_back(action);
    }
    return all;
  }
  std::string waits_for(const std::string& machine) const {
    const auto found = world_.state().blockers.find(machine);
    return found == world_.state().blockers.end() ? "" : sentence(found->second.waits_for);
  }
};

// ---- Of a cluster that is deleted

class DeletedWithVolumes : public KeptVolumes {
 protected:
  void run(const std::string& annotation, const std::string& value) {
    world_.start(hippo(2, annotation, value));
    const std::vector<std::string> names = world_.state().instances.at("instance1");
    leader_ = names.at(0);
    replica_ = names.at(1);
    for (const std::string& name : names) world_.tell(claim(name + "-pgdata", name));
    world_.tell(claim("hippo-repo1", ""));
    tell_pod(leader_, "master");
    tell_pod(replica_, "replica");
    for (const std::string& name : names) {
      ObjectObserved runner;
      runner.ref = World::ref("StatefulSet", name, "apps/v1");
      runner.uid = "uid-of-" + name;
      runner.fields = {.instance = {{.set = "instance1"}}};
      world_.tell(runner);
    }
    world_.new_targets();
  }
  void tell_pod(const std::string& instance, const std::string& role) {
    PodObserved pod;
    pod.instance = instance;
    pod.name = instance + "-0";
    pod.uid = "uid-of-" + pod.name;
    pod.phase = "Running";
    pod.role = role;
    pod.ready = true;
    world_.tell(pod);
  }
  void remove() {
    SpecObserved spec = *world_.state().spec;
    spec.deleting = true;
    spec.deleted_at = "2026-01-02T00:10:00Z";
    world_.tell(spec);
  }
  void end() {
    for (const std::string& instance : {replica_, leader_})
      world_.tell(PodGone{.name = instance + "-0", .uid = "uid-of-" + instance + "-0"});
    world_.tell(SpecGone{});
  }

  std::string leader_;
  std::string replica_;
};

TEST_F(DeletedWithVolumes, GoWithItWhereNobodyAsksForAnythingElse) {
  run("", "");
  remove();
  EXPECT_THAT(kept(), IsEmpty());
  EXPECT_EQ(told("VolumesKept"), "");
}

TEST_F(DeletedWithVolumes, AreKeptBeforeAnythingStops) {
  run(kRetention, "7d");
  remove();
  const std::vector<std::string> asked = world_.new_targets();
  const auto first_stop = std::ranges::find_if(
      asked, [](const std::string& target) { return target.starts_with("StatefulSet/"); });
  ASSERT_NE(first_stop, asked.end());
  EXPECT_EQ(
      std::ranges::count_if(asked.begin(), first_stop,
                            [](const std::string& target) { return target.ends_with("/kept"); }),
      3);
  const auto all = kept();
  ASSERT_EQ(all.size(), 3U);
  for (const auto& [name, action] : all) {
    EXPECT_EQ(action.of, kOld);
    EXPECT_TRUE(action.kept);
    EXPECT_EQ(action.until, "2026-01-09T00:10:00.000000Z") << name;
    EXPECT_EQ(action.led, name == leader_ + "-pgdata") << name;
  }
  EXPECT_THAT(told("VolumesKept"),
              AllOf(HasSubstr("2026-01-09T00:10"), HasSubstr(kTakeUp), HasSubstr(kOld)));
}

TEST_F(DeletedWithVolumes, SayWhoLedLast) {
  run(kRetention, "7d");
  remove();
  ObjectObserved store;
  store.ref = World::ref("Endpoints", "hippo-ha");
  store.uid = "uid-of-store";
  store.fields.patroni = {{.leader = leader_ + "-0"}};
  world_.tell(store);
  tell_pod(leader_, "replica");
  tell_pod(replica_, "master");
  EXPECT_TRUE(kept().at(leader_ + "-pgdata").led) << "a label alone says too little";
  store.fields.patroni = {{.leader = replica_ + "-0"}};
  world_.tell(store);
  EXPECT_TRUE(kept().at(replica_ + "-pgdata").led);
  EXPECT_FALSE(kept().at(leader_ + "-pgdata").led);
  end();
  EXPECT_TRUE(kept().at(replica_ + "-pgdata").led) << "nobody leads any more, and nothing changes";
}

TEST_F(DeletedWithVolumes, AreKeptForADayWhereNobodyUnderstandsForHowLong) {
  run(kRetention, "a week");
  EXPECT_THAT(told("InvalidRetention"), HasSubstr("a week"));
  remove();
  ASSERT_EQ(kept().size(), 3U);
  EXPECT_EQ(kept().begin()->second.until, "2026-01-03T00:10:00.000000Z");
}

TEST_F(DeletedWithVolumes, AreKeptByTheFlagUnlessTheResourceSaysOtherwise) {
  world_.keep_deleted_volumes = "2d";
  run("", "");
  remove();
  EXPECT_EQ(kept().size(), 3U);
  world_ = World();
  world_.keep_deleted_volumes = "2d";
  run(kRetention, "0s");
  remove();
  EXPECT_THAT(kept(), IsEmpty());
}

TEST_F(DeletedWithVolumes, HoldTheDeletionUntilTheyAreKept) {
  run(kRetention, "7d");
  world_.failures["PersistentVolumeClaim/hippo-repo1/kept"] = "403 forbidden";
  remove();
  EXPECT_THAT(waits_for("delete"), AllOf(HasSubstr("hippo-repo1"), HasSubstr("403 forbidden")));
  EXPECT_THAT(world_.new_targets(), Not(Contains("StatefulSet/" + replica_)));
  world_.failures.clear();
  world_.pass(2s);
  world_.tell(TimerFired{});
  EXPECT_THAT(world_.new_targets(), Contains("StatefulSet/" + replica_));
}

TEST_F(DeletedWithVolumes, GoWhenTheirTimeIsOver) {
  run(kRetention, "7d");
  remove();
  end();
  EXPECT_THAT(deleted_claims(), IsEmpty());
  world_.pass(7 * 24h + 10min);
  world_.tell(TimerFired{});
  const auto all = deleted_claims();
  ASSERT_EQ(all.size(), 3U);
  for (const DeleteObject* action : all) {
    EXPECT_EQ(action->digest, "uid-of-" + action->ref.name);
    EXPECT_EQ(action->precondition, kept_as(kOld, "2026-01-09T00:10:00.000000Z"));
    EXPECT_THAT(sentence(action->guard.allowed_by), HasSubstr("end of its retention"));
  }
}

TEST_F(DeletedWithVolumes, GoAsWellWhereOnlyTheClaimsAreKnown) {
  ObjectObserved object = claim("hippo-instance1-abcd-pgdata", "hippo-instance1-abcd");
  object.fields.claim.edit().kept_for = kOld;
  object.fields.claim.edit().kept_until = "2026-01-03T00:00:00.000000Z";
  world_.tell(OperatorStarted{.identity = "test", .journal_reset = true});
  world_.tell(OperatorConfigured{.version = "test", .name_space = "operators", .images = {}});
  world_.tell(object);
  world_.tell(SpecGone{});
  world_.tell(Synced{});
  EXPECT_THAT(deleted_claims(), IsEmpty());
  ASSERT_TRUE(next_due(world_.state()));
  world_.pass(25h);
  world_.tell(TimerFired{});
  EXPECT_EQ(deleted_claims().size(), 1U);
}

// ---- Of a new one

class NewOverKept : public KeptVolumes {
 protected:
  static constexpr const char* kLeader = "hippo-instance1-lead";
  static constexpr const char* kReplica = "hippo-instance1-repl";

  NewOverKept() { world_ = World(kNew); }

  ObjectObserved old(const std::string& name, const std::string& instance, bool led = false) {
    ObjectObserved object = claim(name, instance);
    ClaimFields& fields = object.fields.claim.edit();
    if (led) fields.led_for = kOld;
    world_.answers["PersistentVolumeClaim/" + name] = object.fields;
    fields.kept_for = kOld;
    fields.kept_until = "2026-01-09T00:10:00.000000Z";
    return object;
  }
  void begin(const SpecObserved& spec, bool is_leader_known = true) {
    world_.found = {old("hippo-instance1-lead-pgdata", kLeader, is_leader_known),
                    old("hippo-instance1-repl-pgdata", kReplica), old("hippo-repo1", "")};
    world_.start(spec);
  }
  bool may_run(const std::string& instance) const {
    const ApplyObject* runner = last_apply(instance);
    return runner != nullptr && runner->manifest.contains(R"("replicas":1)");
  }
  std::vector<std::string> instances() const { return world_.state().instances.at("instance1"); }
  std::set<std::string> taken() const {
    std::set<std::string> names;
    for (const auto& [name, action] : kept()) {
      if (!action.kept) names.insert(name);
    }
    return names;
  }
};

TEST_F(NewOverKept, WaitsUntilSomebodySaysWhatBecomesOfThem) {
  begin(hippo(2, "", ""));
  EXPECT_THAT(waits_for("take-up"), AllOf(HasSubstr(kOld), HasSubstr("2026-01-09")));
  const Message remedy = world_.state().blockers.at("take-up").remedy;
  EXPECT_THAT(sentence(remedy), AllOf(HasSubstr(kTakeUp), HasSubstr("hippo-repo1")));
  EXPECT_EQ(last_apply("hippo-config"), nullptr) << "nothing is made";
  EXPECT_THAT(told("VolumesOfDeletedCluster"), HasSubstr(kOld));
  for (const ObjectObserved& object : world_.found)
    world_.tell(ObjectGone{.ref = object.ref, .uid = object.uid});
  EXPECT_EQ(waits_for("take-up"), "");
  EXPECT_NE(last_apply("hippo-config"), nullptr) << "without them it begins";
}

TEST_F(NewOverKept, BringsItsInstancesBackByTheirNamesAndTheLeaderFirst) {
  begin(hippo(2, kTakeUp, kOld));
  EXPECT_THAT(instances(), ElementsAre(kLeader, kReplica));
  EXPECT_THAT(taken(), ElementsAre("hippo-instance1-lead-pgdata", "hippo-instance1-repl-pgdata",
                                   "hippo-repo1"));
  const ApplyObject* job = last_apply(kMoveData);
  ASSERT_NE(job, nullptr) << waits_for("clone");
  EXPECT_THAT(job->manifest, HasSubstr("hippo-instance1-lead-pgdata"));
  EXPECT_THAT(sentence(job->guard.allowed_by), AllOf(HasSubstr(kTakeUp), HasSubstr(kOld)));
  EXPECT_FALSE(may_run(kLeader));
  job_succeeds(kMoveData, "");
  EXPECT_TRUE(may_run(kLeader)) << waits_for("clone");
  EXPECT_FALSE(may_run(kReplica));
  world_.primary_is_ready();
  world_.patroni_stores("anything");
  world_.tell(TimerFired{});
  world_.tell(TimerFired{});
  EXPECT_EQ(world_.state().restore->phase, RestorePhase::kSucceeded) << waits_for("clone");
  EXPECT_TRUE(may_run(kReplica));
}

TEST_F(NewOverKept, TakesThemUpAlsoWhenItIsToldLater) {
  begin(hippo(2, "", ""));
  world_.tell(hippo(2, kTakeUp, kOld));
  EXPECT_THAT(instances(), ElementsAre(kLeader, kReplica));
  EXPECT_EQ(taken().size(), 3U);
}

TEST_F(NewOverKept, LeavesThoseOfInstancesThatAreNotAskedFor) {
  begin(hippo(1, kTakeUp, kOld));
  EXPECT_THAT(instances(), ElementsAre(kLeader));
  EXPECT_THAT(taken(), ElementsAre("hippo-instance1-lead-pgdata", "hippo-repo1"));
}

TEST_F(NewOverKept, AsksWhoLedWhereNobodyKnows) {
  begin(hippo(2, kTakeUp, kOld), false);
  EXPECT_THAT(waits_for("clone"), HasSubstr("led-when-deleted"));
  EXPECT_THAT(taken(), IsEmpty());
  EXPECT_EQ(last_apply(kMoveData), nullptr);
  world_.tell(old("hippo-instance1-repl-pgdata", kReplica, true));
  ASSERT_NE(last_apply(kMoveData), nullptr) << waits_for("clone");
  EXPECT_THAT(last_apply(kMoveData)->manifest, HasSubstr("hippo-instance1-repl-pgdata"));
}

TEST_F(NewOverKept, ThatCannotBeIsToldWithTheRemedy) {
  begin(hippo(2, kTakeUp, "nobody"));
  EXPECT_THAT(waits_for("clone"), HasSubstr("no volume is kept for a deleted cluster"));
  SpecObserved of_other_set = hippo(2, kTakeUp, kOld);
  const std::string name = R"("name":"instance1")";
  of_other_set.resource.replace(of_other_set.resource.find(name), name.size(), R"("name":"fast")");
  world_.tell(of_other_set);
  EXPECT_THAT(waits_for("clone"), AllOf(HasSubstr(kLeader), HasSubstr("instance1")));
  SpecObserved of_two = hippo(2, kTakeUp, kOld);
  of_two.resource.insert(of_two.resource.size() - 2,
                         R"(,"dataSource":{"postgresCluster":{"repoName":"repo1"}})");
  world_.tell(of_two);
  EXPECT_THAT(waits_for("clone"), HasSubstr("remove one of them"));
  EXPECT_THAT(taken(), IsEmpty());
  EXPECT_EQ(last_apply(kMoveData), nullptr);
}

TEST_F(NewOverKept, GoesOnWithThemWhateverBecomesOfTheAnnotation) {
  world_.silent.insert("PersistentVolumeClaim/hippo-repo1/kept");
  begin(hippo(2, kTakeUp, kOld));
  world_.tell(hippo(2, "", ""));
  EXPECT_THAT(waits_for("clone"), HasSubstr("to be " + std::string(kOld) + " again"));
  EXPECT_EQ(last_apply(kMoveData), nullptr);
  EXPECT_FALSE(may_run(kLeader));
}

}  // namespace
}  // namespace annals::fsm
