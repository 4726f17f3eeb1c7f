// What a client asks a kubelet to run.
#pragma once

#include <string>

namespace annals::actions {

// The words of a command in the target of a request for pods/exec, each in quotes of a shell.
std::string command_for_shell(const std::string& target);

}  // namespace annals::actions
