// A cluster of three instances with a repository on a volume and its first backup, for the tests of
// a restore: what people ask of it, and what Kubernetes and pgBackRest say meanwhile.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <ranges>
#include <set>
#include <string>
#include <vector>

#include "base/concat.h"
#include "fsm/model/behaviour.h"
#include "fsm/text/sentence.h"
#include "fsm/view/restore_permit.h"
#include "tests/unit/fsm/with_restore_jobs.h"

namespace annals::fsm {

class RestoredCluster : public WithRestoreJobs {
 protected:
  void SetUp() override {
    world_.start(spec());
    instances_ = world_.state().instances.at("instance1");
    std::ranges::sort(instances_);
    for (const std::string& instance : instances_) {
      world_.answers["StatefulSet/" + instance] = runner(instance);
      ObjectObserved known =
          world_.state().objects.at(World::ref("StatefulSet", instance, "apps/v1"));
      known.fields = runner(instance);
      world_.tell(known);
    }
    for (const std::string& instance : instances_) runs(instance);
    stores_patroni_state();
    world_.repository_host_is_ready();
    world_.job_ends("complete");  // the stanza
    world_.job_ends("complete");  // the first backup
    ASSERT_EQ(world_.state().backup.phase, BackupPhase::kDone);
    world_.repositories["repo1"] = contents();
    world_.restore_point = {.name = {},
                            .timeline = 1,
                            .segment = "000000010000000000000007",
                            .lsn = "0/7000148",
                            .time = "2026-01-02 00:00:01+00"};
    (void)world_.new_targets();
  }

  // ---- What people ask for

  struct Request {
    std::string id;
    std::string options = R"("--type=time","--target=\"2026-01-01 23:30:00+00\"")";
    bool enabled = true;
    int replicas = 3;
    std::string repo = "repo1";
    std::string more{};  // of the spec
    std::string without_archive{};
  };
  static SpecObserved spec() { return asking({.id = "", .enabled = false}); }
  static SpecObserved asking(const Request& request) {
    SpecObserved spec = World::hippo_with_backups();
    insert(spec, R"("name":"instance1",)", concat(R"("replicas":)", request.replicas, ","));
    insert(spec, R"("pgbackrest":{)",
           concat(R"("restore":{"enabled":)", request.enabled ? "true" : "false",
                  R"(,"repoName":")", request.repo, R"(","options":[)", request.options, "]},"));
    std::string annotations;
    if (!request.id.empty()) annotations += annotation("pgbackrest-restore", request.id);
    if (!request.without_archive.empty())
      annotations += concat(annotations.empty() ? "" : ",",
                            annotation("restore-without-archive", request.without_archive));
    insert(spec, R"("metadata":{)", concat(R"("annotations":{)", annotations, "},"));
    spec.resource.insert(spec.resource.size() - 2, request.more);
    spec.actor.manager = "kubectl-annotate";
    spec.finalized = true;
    return spec;
  }
  void ask(const Request& request) { world_.tell(asking(request)); }

  // ---- What Kubernetes says

  void runs(const std::string& instance) {
    PodObserved pod;
    pod.instance = instance;
    pod.name = instance + "-0";
    pod.uid = concat("uid-of-Pod/", pod.name, "#", ++made_[instance]);
    pod.phase = "Running";
    const bool leads = instance == leader();
    pod.role = leads ? "master" : "replica";
    pod.member = leads ? "running" : "streaming";
    pod.ready = true;
    pod.revision = "one";
    pod.timeline = timeline_;
    world_.tell(pod);
  }
  void ended(const std::string& instance) {
    const PodObserved pod = world_.state().pods.at(instance + "-0");
    world_.tell(PodGone{.name = pod.name, .uid = pod.uid});
  }
  void all_ended() {
    ended(instances_[1]);
    ended(instances_[2]);
    ended(instances_[0]);
  }
  // The first one leads.
  const std::string& leader() const { return instances_.front(); }

  void archive_succeeds() {
    job_succeeds(kArchiveJob,
                 "system 8000000000000000001\ntimeline 1\nsegment 000000010000000000000008\n"
                 "lsn 0/9000000\npushed 1\n");
    job_pod_ends(kArchiveJob);
  }
  void restore_succeeds(int timeline = 2) {
    job_succeeds(kRestoreJob, concat("system 8000000000000000001\ntimeline ", timeline,
                                     "\nfrom 1\nlsn 0/6000000\nstopped -\n"));
    timeline_ = timeline;
  }
  void stores_patroni_state() { world_.patroni_stores("anything"); }

  // ---- From one point of a restore to the next

  void restore_until_stopped(const Request& request) {
    ask(request);
    ASSERT_EQ(phase(), RestorePhase::kStopping) << waits_for();
    all_ended();
  }
  void restore_until_touched(const Request& request) {
    restore_until_stopped(request);
    archive_succeeds();
    ASSERT_EQ(phase(), RestorePhase::kRestoring) << waits_for();
  }
  void comes_up() {
    runs(leader());
    stores_patroni_state();
    world_.tell(TimerFired{});
    runs(instances_[1]);
    runs(instances_[2]);
    job_pod_ends(kRestoreJob);
    world_.tell(TimerFired{});
  }
  void restore(const Request& request, int timeline) {
    restore_until_touched(request);
    restore_succeeds(timeline);
    comes_up();
    ASSERT_EQ(phase(), RestorePhase::kSucceeded) << waits_for();
  }

  // ---- What the operator makes of it

  const RestoreProgress& progress() const { return *world_.state().restore; }
  RestorePhase phase() const { return progress().phase; }
  std::string operation() const { return name_of(world_.state().operation); }
  // The goal that is waited for; empty for none.
  std::string goal() const {
    const auto found = world_.state().blockers.find("restore");
    return found == world_.state().blockers.end() ? "" : found->second.transition;
  }
  std::string waits_for() const {
    const auto found = world_.state().blockers.find("restore");
    return found == world_.state().blockers.end() ? "" : sentence(found->second.waits_for);
  }
  std::string remedy() const {
    const auto found = world_.state().blockers.find("restore");
    return found == world_.state().blockers.end() ? "" : sentence(found->second.remedy);
  }
  // Of Jobs to start, by their names.
  std::vector<std::string> permits() const {
    std::vector<std::string> names;
    for (const ObjectObserved* permit : restore_permits(world_.state()))
      names.push_back(permit->ref.name);
    return names;
  }
  bool stops_something() const { return !world_.state().stopped.empty(); }
  std::string reason_of(const std::string& transition) const {
    std::string reason;
    for (const Decision& decision : world_.decisions()) {
      if (decision.machine == "restore" && decision.transition == transition)
        reason = sentence(decision.reason);
    }
    return reason;
  }
  std::vector<std::string> instances_;  // by name
  int timeline_ = 1;
  std::map<std::string, int> made_;

 protected:
  static void insert(SpecObserved& spec, const std::string& after, const std::string& text) {
    std::size_t at = spec.resource.find(after);
    // The instance's name stays behind what is put before it.
    if (after.starts_with(R"("name")")) at -= after.size();
    spec.resource.insert(at + after.size(), text);
  }
  static std::string annotation(const char* name, const std::string& value) {
    return concat(R"("postgres-operator.crunchydata.com/)", name, R"(":")", value, R"(")");
  }
};

}  // namespace annals::fsm
