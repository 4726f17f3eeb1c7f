// Deeds on objects of the API server: what is applied, made, deleted and told there.
#pragma once

#include <string>

#include "manifests/secrets/secrets.h"
#include "tests/simulation/deed.h"
#include "tests/simulation/deed_checks.h"

namespace annals::simulation {

class ObjectDeeds {
 public:
  ObjectDeeds(World& world, const actions::ClusterIdentity& cluster)
      : world_(world), cluster_(cluster), checks_(world, cluster) {}

  Answer operator()(const fsm::ApplyObject& action);
  Answer operator()(const fsm::EnsureSecret& action);
  Answer operator()(const fsm::PatchStatus& action);
  Answer operator()(const fsm::DeleteObject& action);
  Answer operator()(const fsm::SetFinalizer& action);
  Answer operator()(const fsm::EmitEvent& action);
  Answer operator()(const fsm::KeepClaim& action);

 private:
  template <class Change>
  Answer write(const Key& key, const Change& change);
  template <class Recipe>
  Answer ensure(const fsm::EnsureSecret& action, const Recipe& recipe);
  Answer keep(const Object& claim, const fsm::KeepClaim& action);
  Answer take_up(const Object& claim, const fsm::KeepClaim& action);
  bool has_its_name() const;
  void take_job(Object& job, const std::string& text);
  void take_request(Object& job, const std::string& text);
  void take_removal(Object& job, const std::string& text);
  void take_restore(Object& job, const std::string& text);
  std::string new_material(const char* what);
  std::string make(const manifests::RootAuthority& recipe, Object& secret);
  std::string make(const manifests::CertificateSecret& recipe, Object& secret);
  std::string make(const manifests::UserSecret& recipe, Object& secret);
  std::string make(const manifests::CopiedSecret& recipe, Object& secret);
  static void take_stand_in(Object& claim, const std::string& text);
  std::string trust(const manifests::CertificateSecret& recipe, Object& secret);

  World& world_;
  const actions::ClusterIdentity& cluster_;
  DeedChecks checks_;
};

}  // namespace annals::simulation
