// Recorder: writes a journal as the operator does, without one: facts, the decisions and intents
// that follow, and outcomes that end well unless a test says otherwise. For tests and benchmarks of
// what reads journals.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "fsm/machine.h"
#include "fsm/model/behaviour.h"
#include "journal/journal.h"

namespace annals::replay {

class Recorder {
 public:
  explicit Recorder(const std::string& directory);

  // A snapshot of a cluster after so many of its records; 0 for none.
  int records_per_snapshot = 0;
  // What each process says of itself from here on.
  int behaviour = fsm::kBehaviour;
  // By target: how its writes fail from here on.
  std::map<std::string, std::string> failures;

  // A new process: every cluster learns of it, with its world listed again.
  void start_operator();
  // PostgresCluster ns/NAME with one instance, told by a person with kubectl, and carried out.
  ClusterUid create(const std::string& name);
  void primary_is_ready(const ClusterUid& cluster);

  // Makes the input durable, runs the machines, makes durable what they decide.
  Sequence tell(const ClusterUid& cluster, fsm::Input input, Sequence cause = {});
  // Ends what is wanted until nothing more is.
  void carry_out();
  // Only decides; what is recorded of it is lost, as in a crash.
  void tell_and_crash(const ClusterUid& cluster, fsm::Input input);
  void pass(Duration time) { clock_.advance(time); }

  const fsm::ClusterState& state(const ClusterUid& cluster) const {
    return clusters_.at(cluster).state;
  }
  std::vector<ClusterUid> clusters() const;
  journal::Journal& journal() { return *journal_; }
  Timestamp now() const { return clock_.now(); }

 private:
  struct Cluster {
    std::string name;
    fsm::ClusterState state;
    int since_snapshot = 0;
    std::vector<std::pair<fsm::Intent, Sequence>> asked;
  };

  std::vector<journal::Record> append(journal::Batch batch);
  Sequence take_in(const ClusterUid& cluster, const fsm::Input& input, Sequence cause,
                   fsm::Step& step);
  void introduce(const ClusterUid& cluster);
  fsm::SpecObserved spec_of(const std::string& name) const;
  fsm::Outcome end(const fsm::Intent& intent) const;

  ManualClock clock_;
  std::unique_ptr<journal::Journal> journal_;
  std::map<ClusterUid, Cluster> clusters_;
  std::uint64_t epoch_ = 1;
};

}  // namespace annals::replay
