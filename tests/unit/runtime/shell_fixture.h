// A shell without any transport: what is appended is durable at once, what is wanted is noted.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/concat.h"
#include "base/log.h"
#include "runtime/shell.h"

namespace annals::runtime {

class StandingClock final : public Clock {
 public:
  Timestamp now() const override { return Timestamp(std::chrono::seconds(1'700'000'000)); }
  Duration steady() const override { return {}; }
};

class DurableAtOnce final : public JournalSink {
 public:
  Result<void> append(journal::Batch batch, Durable durable) override {
    Result<void> checked = journal::check(batch);
    if (!checked) return checked;
    snapshots += batch.snapshots.size();
    for (const journal::Entry& entry : batch.entries) types += entry.type + " ";
    std::vector<journal::Record> records;
    for (journal::Entry& entry : batch.entries) {
      journal::Record record;
      record.seq = Sequence(++last_);
      record.epoch = entry.epoch;
      record.cluster = std::move(entry.cluster);
      record.kind = entry.kind;
      record.type = std::move(entry.type);
      record.payload = std::move(entry.payload);
      records.push_back(std::move(record));
    }
    durable(std::move(records));
    return {};
  }

  std::string types;  // of all records
  std::size_t snapshots = 0;

 private:
  std::uint64_t last_ = 0;
};

class Noting final : public IntentRunner {
 public:
  void carry_out(fsm::Intent intent, actions::ClusterIdentity cluster, Ended) override {
    wanted.push_back(std::move(intent));
    if (cluster.has_namesake) with_namesake.insert(cluster.uid.value());
  }
  std::set<std::string> with_namesake;  // clusters for which something was wanted
  std::vector<fsm::Intent> wanted;
};

inline fsm::SpecObserved spec_of(const std::string& name) {
  return {.name_space = "zoo",
          .name = name,
          .generation = 1,
          .resource = R"({"metadata":{"name":"hippo","namespace":"zoo"},"spec":{}})",
          .actor = {}};
}

inline fsm::ObjectObserved object(const std::string& kind, const std::string& name,
                                  const std::string& uid) {
  return {.ref = {.api_version = "v1", .kind = kind, .name_space = "zoo", .name = name},
          .uid = uid,
          .digest = "d",
          .fields = {},
          .actor = {}};
}

inline fsm::ObjectGone gone(const fsm::ObjectObserved& object) {
  return {.ref = object.ref, .uid = object.uid};
}

class NotedMetrics final : public Metrics {
 public:
  void waited(std::string_view operation, std::string_view goal, Duration) override {
    goals.push_back(concat(operation, "/", goal));
  }
  std::vector<std::string> goals;
};

class ShellTest : public testing::Test {
 protected:
  ShellTest()
      : shell_({.journal = journal_,
                .runner = runner_,
                .clock = clock_,
                .log = Log(log_to(said_), clock_, LogLevel::kInfo),
                .may_write = [] { return true; },
                .metrics = metrics_}) {
    shell_.start(Epoch(1), "tester", {});
  }

  // Names of the objects and pods that this cluster's machines know.
  std::vector<std::string> known_to(const std::string& uid) const {
    std::vector<std::string> names;
    shell_.each([&](const fsm::ClusterState& state) {
      if (state.uid.value() != uid) return;
      for (const auto& [ref, seen] : state.objects) names.push_back(ref.name);
      for (const auto& [name, pod] : state.pods) names.push_back(name);
    });
    return names;
  }

  using Names = std::vector<std::string>;

  StandingClock clock_;
  std::ostringstream said_;
  DurableAtOnce journal_;
  Noting runner_;
  NotedMetrics metrics_;
  Shell shell_;
};

}  // namespace annals::runtime
