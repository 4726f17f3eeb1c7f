// What must hold when everything is quiet: the operator has done what every spec asks for, what it
// made fits together, and it writes nothing more.
#pragma once

#include <map>
#include <string>

#include "tests/simulation/simulation.h"

namespace annals::simulation {

// Accuse a site of what does not hold there.
void check_converged(const Simulation& simulation, World& world, const Scenario& scenario,
                     bool old_status);
void check_coherent(World& world, const Scenario& scenario);

// A cluster waits for what only a person knows, because of what was lost: it ends otherwise than
// without faults.
bool awaits_a_person(const World& world);

// Each object by its name, as text, without what is chance or time: UIDs, which member leads, when.
std::map<std::string, std::string> end_of(const World& world);

}  // namespace annals::simulation
