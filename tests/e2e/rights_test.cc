// What the operator has asked the API server for since the cluster was made, as the server's audit
// log has it, against the rules of its role: it asked for nothing that it may not, and has no right
// that it did not use. Wants operator_test to have run, which makes it do everything.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>

#include "support/shell.h"

namespace annals::e2e {
namespace {

using nlohmann::json;

constexpr const char* kAccount = "system:serviceaccount:postgres-operator:annals";

// "apps statefulsets patch", as it stands in a rule.
using Rights = std::set<std::string>;

std::string right(const std::string& group, const std::string& resource, const std::string& verb) {
  return (group.empty() ? "core" : group) + " " + resource + " " + verb;
}

void add_rules(const json& rules, Rights& rights) {
  for (const json& rule : rules) {
    for (const json& group : rule.at("apiGroups")) {
      for (const json& resource : rule.at("resources")) {
        for (const json& verb : rule.at("verbs")) rights.insert(right(group, resource, verb));
      }
    }
  }
}

Rights allowed() {
  Rights rights;
  add_rules(json::parse(must("$KUBECTL get clusterrole annals -o json")).at("rules"), rights);
  return rights;
}

// What it grants to each cluster's pods: Kubernetes lets nobody grant what he does not have.
Rights granted() {
  Rights rights;
  const json roles =
      json::parse(must("$KUBECTL get roles -A -l postgres-operator.crunchydata.com/cluster -o "
                       "json"));
  for (const json& role : roles.at("items")) add_rules(role.at("rules"), rights);
  EXPECT_FALSE(rights.empty()) << "no cluster has a Role: did operator_test run?";
  return rights;
}

struct Calls {
  Rights used;
  std::map<std::string, std::string> refused;  // right, and where it was asked for
};

Calls asked_for() {
  Calls calls;
  std::istringstream lines(must("script/cluster logs audit"));
  for (std::string line; std::getline(lines, line);) {
    const json event = json::parse(line, nullptr, false);
    if (!event.is_object() || event.at("user").value("username", "") != kAccount) continue;
    const json reference = event.value("objectRef", json::object());
    if (!reference.contains("resource")) continue;  // discovery, which everybody may
    std::string resource = reference.at("resource");
    if (reference.contains("subresource")) resource += "/" + std::string(reference["subresource"]);
    const std::string group = reference.value("apiGroup", "");
    const std::string asked = right(group, resource, event.at("verb"));
    const int code = event.value("/responseStatus/code"_json_pointer, 0);
    calls.used.insert(asked);
    // An apply that makes an object needs the right to create it.
    if (code == 201) calls.used.insert(right(group, resource, "create"));
    if (code == 403) calls.refused[asked] = event.value("requestURI", "");
  }
  return calls;
}

// Rights that no run here can use, each with its reason.
const std::map<std::string, std::string>& unused_here() {
  static const std::map<std::string, std::string> kUnused{
      {"core endpoints/restricted create", "OpenShift alone knows it"},
      {"postgres-operator.crunchydata.com postgresclusters/finalizers update",
       "asked for by the admission plugin OwnerReferencesPermissionEnforcement"},
      {"batch jobs delete", "a Job that failed gives way to the next attempt"},
  };
  return kUnused;
}

TEST(Rights, AreAllThatTheOperatorAskedFor) {
  const Calls calls = asked_for();
  EXPECT_GE(calls.used.size(), 40U) << "did operator_test run?";
  for (const auto& [asked, where] : calls.refused)
    ADD_FAILURE() << "refused: " << asked << " " << where;
  const Rights may = allowed();
  for (const std::string& asked : calls.used) EXPECT_TRUE(may.contains(asked)) << asked;
}

TEST(Rights, AreEachUsedOrGrantedOn) {
  Rights needed = asked_for().used;
  needed.merge(granted());
  for (const std::string& may : allowed()) {
    if (unused_here().contains(may)) continue;
    EXPECT_TRUE(needed.contains(may)) << may << " is allowed, and nobody used it";
  }
}

}  // namespace
}  // namespace annals::e2e
