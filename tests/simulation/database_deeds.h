// Deeds on what runs in the pods: PostgreSQL and Patroni.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "fsm/model/intent.h"
#include "tests/simulation/deed.h"

namespace annals::simulation {

class DatabaseDeeds {
 public:
  DatabaseDeeds(World& world, const actions::ClusterIdentity& cluster)
      : world_(world), cluster_(cluster) {}

  Answer operator()(const fsm::RunSql& sql);
  Answer operator()(const fsm::ConfigurePatroni& action);
  Answer operator()(const fsm::WriteConfiguration& action);
  Answer operator()(const fsm::AskPatroni& action);
  Answer operator()(const fsm::SwitchOver& action);
  Answer operator()(const fsm::RestartPostgres& action);
  Answer operator()(const fsm::Checkpoint& action);
  Answer operator()(const fsm::RunInitSql& action);
  Answer operator()(const fsm::ReadCollations& action);
  Answer operator()(const fsm::ReadStandby& action);

  // What Patroni answered to a new configuration.
  const std::string& configured() const { return configured_; }
  // What it answered to a question.
  const std::map<std::string, std::string>& answered() const { return answered_; }
  const std::optional<fsm::DifferingCollations>& collations() const { return collations_; }
  const std::optional<fsm::StandbyAnswer>& standby() const { return standby_; }

 private:
  bool is_reached(const std::string& host) const;
  std::string followed() const;
  void want_restart(const std::string& configuration);

  World& world_;
  const actions::ClusterIdentity& cluster_;
  std::string configured_;
  std::map<std::string, std::string> answered_;
  std::optional<fsm::DifferingCollations> collations_;
  std::optional<fsm::StandbyAnswer> standby_;
};

}  // namespace annals::simulation
