// The commands of scripts. Each runs, or says what is wrong with it and what to write instead.
// README.md lists them for people, and a test holds that list against these.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tests/scenario/play.h"

namespace annals::scenario {

using Words = std::vector<std::string>;

struct Verb {
  const char* name;
  const char* form;  // for people: "advance 2m30s"
  // Without the verb itself. Empty when it went well.
  std::string (*run)(Play& play, const Words& words);
};

// What people, time and the operator do.
std::span<const Verb> verbs();
// What Kubernetes and Patroni say.
std::span<const Verb> verbs_of_kubernetes();
// What can be asked.
std::span<const Verb> questions();

// "pod hippo-...-0: Running, ready, master".
std::string line_of(const fsm::PodObserved& pod);

// Runs one line. Empty when that went well.
std::string run_command(Play& play, const std::string& line);

// Takes "by WHO" off the end; `otherwise` where it is not there.
std::string take_writer(Words& words, const std::string& otherwise);
// "key=value" as two; the second is empty without a '='.
std::pair<std::string, std::string> pair_of(const std::string& word);
std::string joined(const Words& words, std::size_t from);
// "; pending are ..." for who has named another one.
std::string pending_targets(Play& play);

}  // namespace annals::scenario
