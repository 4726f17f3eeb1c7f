// A world for one cluster that does what it is asked: each intent ends well, each object that was
// written is there, and the pod of an instance comes up when it is told to. Tests break it where
// they want to.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fsm/codec/codec.h"
#include "fsm/machine.h"

namespace annals::fsm {

class World {
 public:
  explicit World(const std::string& uid = "uid-of-hippo");

  // Tells the machines something, and carries out what they want until they want nothing more.
  void tell(Input input);
  // The same without carrying anything out; what is wanted is in asked().
  void tell_only(Input input);
  void carry_out();
  // What is wanted is nobody's business any more.
  void take_asked() { asked_.clear(); }
  void pass(Duration time) { now_ += time; }

  // A cluster with one instance set, as the smallest example has it.
  static SpecObserved hippo();
  // The same with a repository on a volume.
  static SpecObserved hippo_with_backups();
  void start() { start(hippo()); }
  void start(SpecObserved spec);
  void primary_is_ready();
  void repository_host_is_ready();
  // Patroni has stored this; canonical JSON, as a lens would digest it.
  void patroni_stores(const std::string& configuration_digest);
  // The one Job that there is ends.
  void job_ends(const std::string& condition);
  // The Job, by the last intent that asked for one.
  std::string job() const;

  const ClusterState& state() const { return state_; }
  const std::vector<Intent>& asked() const { return asked_; }
  // All intents ever carried out, in order.
  const std::vector<Intent>& carried_out() const { return carried_out_; }
  const std::vector<Decision>& decisions() const { return decisions_; }
  bool has_decided(const std::string& transition) const;
  // Targets of all intents ever asked for, in order; of a look that stands each time.
  const std::vector<std::string>& history() const { return history_; }
  // The same since the last call, but for what is told to people, and for looks at collations, at
  // the archiver and at a standby: each new leader has one.
  std::vector<std::string> new_targets();
  // Everything that went in, with the outputs of each, as a journal would hold it.
  struct Entry {
    Event event;
    std::vector<std::string> outputs;
  };
  const std::vector<Entry>& journal() const { return journal_; }

  static ObjectRef ref(const std::string& kind, const std::string& name,
                       const std::string& api_version = "v1") {
    return {.api_version = api_version, .kind = kind, .name_space = "ns", .name = name};
  }

  // What is told of objects that were written, by target.
  std::map<std::string, ObjectFields> answers;
  // And of Patroni's members, when it is asked.
  std::map<std::string, std::string> members;

  // What pgBackRest says of repositories, by name; where the next restore point is; and whether the
  // primary has archived what it is asked about.
  std::map<std::string, RepositoryContents> repositories;
  RestorePoint restore_point;
  bool archives = true;

  // What is answered of another cluster: its resource, and what its repository holds.
  SourceCluster source;
  RepositoryContents source_contents;
  std::map<std::string, VolumeSeen> volumes;  // that were there before; others are not
  DifferingCollations collations;             // what is found of them
  ArchiverAnswer archiver;                    // what the primary says of it
  // What the leader of a standby says, and what it is told by others when it asks them.
  StandbyAnswer standby{
      .in_recovery = true,
      .system_id = "8000000000000000001",
      .timeline = 1,
      .received_lsn = 0x5000000,
      .replayed_lsn = 0x5000000,
      .receiver =
          WalReceiver{
              .status = "streaming", .host = "10.0.0.7", .port = 5433, .sent_lsn = 0x5000000},
      .source = {.state = SourceState::kRecovers, .host = "10.0.0.7:5433"}};
  // As the operator is set; empty: allowed.
  std::string clone_across_namespaces;
  std::string standby_promotion;  // likewise; empty: with a warning

  std::string keep_deleted_volumes;
  // What is listed when it starts.
  std::vector<ObjectObserved> found;

  // Outcomes to give instead of success, by target.
  std::map<std::string, std::string> failures;
  // And by which HTTP status, for which field.
  std::map<std::string, std::pair<int, std::string>> refusals;

  // Targets of which no outcome comes.
  std::set<std::string> silent;

  // How long each goal was waited for last: "provision/primary-is-running".
  std::map<std::string, Duration> waited;

  // The manifest of the status that was asked for last.
  std::string status;

 private:
  Outcome end(const Intent& intent);
  void tell_end(const Intent& intent);
  void look_again();
  StandbyAnswer answer_to(const ReadStandby& look);
  void keep(const KeepClaim& action, Outcome& outcome) const;

  ClusterState state_;
  std::vector<Intent> carried_out_;
  Timestamp now_;
  Sequence seq_;
  std::vector<Intent> asked_;
  std::map<IntentId, Timestamp> made_again_;  // looks that stand, and when each is due
  std::vector<Decision> decisions_;
  std::vector<std::string> history_;
  std::size_t seen_ = 0;  // of the history
  std::vector<Entry> journal_;
};

}  // namespace annals::fsm
