// Operator: the parts of the process and their wires.
#pragma once

#include <functional>
#include <memory>

#include "actions/executor.h"
#include "process/settings.h"

namespace annals::process {

// Makes what carries out intents; all arguments outlive it.
using MakeExecutor = std::function<std::unique_ptr<actions::Executor>(k8s::Client&, const Clock&,
                                                                      actions::PodResolver&)>;

// Runs the operator until it is told to end (0), or must (1): no API server, no journal, the lease
// lost. What it does meanwhile is in its log. Benchmarks run it with an executor of their own,
// where there are no databases.
int run(const Settings& settings, const MakeExecutor& make_executor = {});

}  // namespace annals::process
