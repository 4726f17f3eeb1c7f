// SPDX-License-Identifier: Apache-2.0
#include "support/sites.h"

namespace annals::e2e {
namespace {

constexpr const char* kUser = "wader";

std::string source(const std::string& site) {
  return "host: " + site + "-primary.postgres-operator.svc, repoName: repo1";
}

}  // namespace

// With the same password on both sides: a promotion writes that of its own Secret.
void Sites::make_site(const std::string& site, const std::string& standby) {
  apply_cluster({.name = site,
                 .backups = access("1", "/wader/repo1") + "      repos: [" + bucket("repo1") +
                            "]\n  users: [{name: " + kUser + ", databases: [" + kUser + "]}]\n",
                 .data_source = {},
                 .standby = standby});
}

void Sites::make_sites() {
  remove_sites();
  start_store();
  make_site(kHeron, "");
  await_open(kHeron);
  const std::string secrets = std::string("-pguser-") + kUser;
  must("set -o pipefail; $KUBECTL -n postgres-operator get secret " + (kHeron + secrets) +
       " -o json | jq '{apiVersion, kind, type, metadata: {name: \"" + (kEgret + secrets) +
       "\"}, data: {password: .data.password, verifier: .data.verifier}}' | "
       "$KUBECTL -n postgres-operator apply -f -");
  make_site(kEgret, source(kHeron));
  await("Ready of the standby", 500s, [] { return condition(kEgret, "Ready", "reason"); },
        "StandbyLeaderReady", {.details = trouble_of_sites});
  await_settled(kEgret, 500s);
  await_streaming(kEgret, 1, 240s);
  make_beats(address(kHeron));
}

void Sites::remove_sites() {
  for (const char* site : {kHeron, kEgret}) remove(site);
  must_kubectl(std::string("delete secret --ignore-not-found ") + kEgret + "-pguser-" + kUser);
}

SiteAddress Sites::address(const std::string& site) {
  return "hostaddr=" + must_kubectl("get service " + site + "-ha -o jsonpath={.spec.clusterIP}") +
         " user=" + kUser + " dbname=" + kUser + " password='" + secret(site, kUser, "password") +
         "' sslmode=require connect_timeout=2 tcp_user_timeout=1000";
}

void Sites::switch_sites(const std::string& from, const std::string& to, First first) {
  if (first == First::kPromotion) ask_to_lead(to);
  ask_to_follow(from, to);
  if (first == First::kDemotion) ask_to_lead(to);
  await_switched(from, to);
}

void Sites::ask_to_lead(const std::string& site) {
  patch(site, R"({"spec":{"standby":{"enabled":false}}})");
}

void Sites::ask_to_follow(const std::string& site, const std::string& other) {
  patch(site, R"({"spec":{"standby":{"enabled":true,"host":")" + other +
                  R"(-primary.postgres-operator.svc","repoName":"repo1"}}})");
}

void Sites::await_switched(const std::string& from, const std::string& to) {
  await("Ready of both", 300s,
        [&] { return condition(to, "Ready", "reason") + " " + condition(from, "Ready", "reason"); },
        "PrimaryReady StandbyLeaderReady", {.details = trouble_of_sites});
  for (const std::string& site : {to, from}) await_settled(site, 500s);
  await_streaming(to, 2, 240s);  // its own replica, and the other site
  await_streaming(from, 1, 240s);
}

std::string Sites::trouble_of_sites() { return trouble(kHeron) + "\n" + trouble(kEgret); }

}  // namespace annals::e2e
