// Words: what a record says, in one line for a person.
#pragma once

#include <string>

#include "fsm/model/state.h"
#include "journal/record.h"

namespace annals::replay {

// "pod hippo-instance1-bcdf-0 is Running, ready, role master"
std::string in_words(const journal::Record& record);

// "kubectl (Apply at 2026-01-31T08:05:00Z)"; empty when nobody is known.
std::string in_words(const fsm::Actor& actor);

// What a person can do about it.
std::string remedy_of(const fsm::Blocker& blocker);

}  // namespace annals::replay
