// What spec.backups.pgbackrest says of pgBackRest's options. What pgBackRest would refuse
// its commands over is a mistake: nothing is changed then, and WAL is archived as before. What it
// would ignore, or what most likely does something else than was meant, is a doubt: it is told and
// passed on (docs/adr/0033). Secrets are none of this: see redaction.h.
#pragma once

#include <string>
#include <vector>

#include "spec/findings.h"

namespace annals::spec {

class Fields;
struct PgBackRest;
struct StoredBackups;

// Of `global`, against the repositories beside it.
void check_pgbackrest_options(Fields& fields, const PgBackRest& pgbackrest);

// Likewise of the backups that a new cluster begins with. All of it is in doubt at most: a cluster
// that has its data already looks at none of it.
void check_restore_options(Fields& fields, const StoredBackups& backups);

// Options of `global` that only some versions have; what they are given is of no account.
std::vector<std::string> options_of_some_versions(const PgBackRest& pgbackrest);

// Of a requested backup; it is fatal for that backup alone. `path` is the place of the list.
std::vector<Mistake> mistakes_in_backup_options(const std::vector<std::string>& items,
                                                const std::string& path);

}  // namespace annals::spec
