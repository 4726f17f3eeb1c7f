// Play: a script's cluster with the Kubernetes that it lives in, and what is done to both.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "manifests/json.h"
#include "tests/scenario/kubernetes.h"
#include "tests/scenario/stage.h"

namespace annals::scenario {

struct Play {
  Stage stage;
  Kubernetes kubernetes;
  manifests::Json resource;
  std::int64_t generation = 0;
  std::string version = "1.0";  // of the operator
  std::string answer;           // to a question, for the trace
};

// The operator leads from here on, and is told its configuration.
void start_operator(Play& play, bool state_carried_over);

// The resource as it is now, written by `manager`; the first time everything is listed as well.
void tell_resource(Play& play, const std::string& what, const std::string& manager,
                   bool is_deleting = false);

// The intent that works on this target and has not ended.
std::optional<fsm::Intent> pending_on(Play& play, const std::string& target);
void succeed(Play& play, const fsm::Intent& intent);
// Answers all that is asked for, and what is asked for then, but for these targets.
void carry_out(Play& play, const std::set<std::string>& but = {});

// Time passes; whoever waits for a time is woken. False: without end.
bool advance(Play& play, Duration by);

// Patroni has made a database, and keeps the configuration that it was given.
void store_patroni_state(Play& play);

// Until all is up: every pod that a StatefulSet makes is ready, but for this one or all "pods",
// and every Job complete.
void bring_up(Play& play, const std::string& but);

// "StatefulSet/hippo-instance1-bkjp"; known or not.
fsm::ObjectRef ref_of(Play& play, const std::string& target);
// As it is known; null where it is not.
const fsm::ObjectObserved* find_object(Play& play, const std::string& target);

}  // namespace annals::scenario
