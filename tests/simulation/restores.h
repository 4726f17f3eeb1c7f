// Restores: what the two Jobs of a restore, and that of a drill, do to the volumes and to the
// database of their cluster, and what lies on which volume. Accuses the operator of what would lose
// data: two writers of one data directory, one that is touched before its WAL is archived, a
// database that comes up from other files than those that were restored, or with another content
// than was asked for.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "tests/simulation/api_server.h"
#include "tests/simulation/controllers.h"
#include "tests/simulation/database.h"
#include "tests/simulation/random.h"

namespace annals::simulation {

struct World;

// What people do to the repository.
struct RepositoryTrouble {
  bool is_lost = false;     // nobody reads or writes it
  bool takes_none = false;  // nothing is archived
  bool is_corrupt = false;  // no backup can be restored
  std::string lost_repo{};  // nobody reaches this one, and all the others

  bool takes_wal() const { return !is_lost && !takes_none; }
};

class Restores final : private MemberVolumes {
 public:
  Restores(World& world, Random random);
  Restores(const Restores&) = delete;
  Restores& operator=(const Restores&) = delete;

  // A standby goes on on another timeline, and its members with it.
  void note_promotion(const std::string& cluster_uid);

 private:
  enum class Data : std::uint8_t { kNone, kWhole, kHalf, kRestored };
  struct Volume {
    Data data = Data::kNone;
    TimelineId timeline = 0;
    std::string of{};           // the UID of the cluster whose database it is
    bool led = false;           // who had it led last
    bool is_shut_down = false;  // its server led when it ended, and was asked to
  };

  bool is_held_back(const Object& pod) const override;
  bool is_behind(const Object& pod) const override;
  TimelineId timeline_of(const Object& pod) const override;
  bool is_led_elsewhere(const Object& pod, const std::string& host) const override;

  void look(const Change& change);
  void look_at_job(const Object& job);
  void look_at_job_pod(const Change& change);
  void look_at_member(const Change& change);
  void start_job(const Key& key, const std::string& uid);
  void begin(const Object& job);
  void finish(const Key& pod, const std::string& uid);
  fsm::ContainerEnd work(const Object& job, Database& database);
  std::string archive_of(Database& database);
  std::string restore(const Object& job, Database& database);
  std::string drill(const Object& job, const Database& database);
  std::string clone(const Object& job, Database& database);
  std::string move(const Object& job, Database& database);
  fsm::ContainerEnd give_receipt(const Object& job, const Database& database);
  void end_pod(const Object& pod, fsm::ContainerEnd end);
  void end_job(const Key& key, const std::string& uid, const std::string& trouble);
  void lead(const Object& pod);
  void follow(const Object& pod);
  void stop(const Object& pod);

  void check_alone(const Object& job);
  void check_archived(const Object& job, Database& database);
  void check_clone(const Object& job, const Database& source, const Database& clone);
  void check_origin(const Object& pod, const std::string& cluster);
  void check_lost(const Object& claim);
  bool take_database(Volume& volume, const Object& job, Database& database);
  void check_content(const Object& job, const Database& before, const Content& content);
  bool is_edited(const std::string& instance) const;

  std::string trouble_of_repository() const;
  Volume* volume_of(const std::string& name_space, const std::string& instance);
  const Volume* volume_of(const std::string& name_space, const std::string& instance) const;

  World& world_;
  Random random_;
  std::map<std::string, Volume> volumes_;  // by the UIDs of their claims
  bool had_two_leaders_ = false;  // by their labels: which volume was led last is not known
  std::set<std::string> seen_;    // UIDs of Jobs that have made backups, of pods that ran
};

// What a Job of a restore is told, in its manifest.
bool is_restore_job(const Object& job);
bool is_receipt_job(const Object& job);
std::string request_of_job(const Object& job);
std::string instance_of_job(const Object& job);

}  // namespace annals::simulation
