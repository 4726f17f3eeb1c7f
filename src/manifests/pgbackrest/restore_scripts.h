// What the two Jobs of a restore run, with Bash. Their settings come from the environment: data and
// wal (folders), major (version), repo (its number), stanza; what is of one of them alone stands
// there.
#pragma once

#include <string>

namespace annals::manifests {

std::string archive_script();

// Also from the environment: backup (label), timeline (decimal), archive (folder of the WAL), type
// and target (of recovery; "default" has none), inclusive (on, off), least (LSN), least_wal
// (segment), restored (the folder that the data goes to), patience (seconds for which a repository
// may fail while it is replayed), and of a clone cloning (a file that marks its volume). Arguments:
// further words of `pgbackrest restore`.
std::string restore_script();

// The part of it up to a server that has the recovered database open, and that nobody reaches: for
// those who go on from there with functions of their own, and with the same environment.
std::string recovery_script(const char* further_functions);

}  // namespace annals::manifests
