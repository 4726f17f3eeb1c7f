// Kubernetes: what it and Patroni say, in the facts that the operator's lenses make of it. It
// remembers which objects it has made, and from which templates; all else a script says.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "fsm/model/state.h"

namespace annals::scenario {

struct Fact {
  std::string what;
  fsm::Input input;
};

class Kubernetes {
 public:
  // A write that went well, or a question that was answered, given what is known by now.
  fsm::Outcome success(const fsm::ClusterState& state, const fsm::Intent& intent);
  // One that did not.
  static fsm::Outcome failure(const fsm::Intent& intent, fsm::OutcomeStatus status);

  // What its controllers make of that write: a StatefulSet says which pod it would make next.
  std::vector<Fact> follow_up(const fsm::ClusterState& state, const fsm::Intent& intent);

  // A pod as it is known, or as its StatefulSet makes it.
  fsm::PodObserved pod(const fsm::ClusterState& state, const std::string& name);

  // How far behind Patroni says that a pod is: bytes, or "-".
  void set_lag(const std::string& pod, const std::string& bytes) { lags_[pod] = bytes; }
  // What pgBackRest says of a repository.
  fsm::RepositoryContents& repository(const std::string& name) { return repositories_[name]; }
  // What a standby's source is found to be, and its words.
  void set_source(fsm::SourceState state, const std::string& words) {
    source_ = {.state = state, .host = "10.0.0.7:5432", .words = words};
  }
  // Why the primary cannot archive; empty: it can.
  void set_archive_trouble(const std::string& text) { archive_trouble_ = text; }
  // Its role in Patroni's words, where it is not the one that its label has.
  void set_role(const std::string& pod, const std::string& role) { roles_[pod] = role; }

 private:
  std::string uid_of(const std::string& target, bool is_known);
  bool is_changed(const fsm::ApplyObject& apply);
  fsm::StandbyAnswer standby(const fsm::ClusterState& state, const fsm::ReadStandby& look) const;
  bool answer(const fsm::ClusterState& state, const fsm::Intent& intent, fsm::Outcome& outcome);
  std::map<std::string, std::string> members(const fsm::ClusterState& state) const;

  std::map<std::string, int> made_;                            // by target
  std::map<std::string, std::vector<std::string>> templates_;  // by StatefulSet
  std::map<std::string, std::string> specs_;                   // by StatefulSet: its last manifest
  std::map<std::string, std::string> lags_;                    // by pod
  std::map<std::string, std::string> roles_;                   // by pod
  std::map<std::string, fsm::RepositoryContents> repositories_;
  std::string archive_trouble_;
  fsm::SourceAnswer source_{.state = fsm::SourceState::kWrites, .host = "10.0.0.7:5432"};
};

}  // namespace annals::scenario
