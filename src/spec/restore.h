// spec.backups.pgbackrest.restore: a restore in place, which the annotation pgbackrest-restore asks
// for. That it can be done is not checked here: the cluster goes on with its other fields when a
// restore cannot. restore_options.h reads the options.
#pragma once

#include <string>
#include <vector>

#include "spec/kubernetes.h"

namespace annals::spec {

class Fields;

struct Restore {
  bool enabled = false;
  std::string cluster_name;       // whose repository; empty: this cluster's
  std::string cluster_namespace;  // empty: this cluster's
  std::string repo_name;
  std::vector<std::string> options;  // of the command `pgbackrest restore`, as the user wrote them
  Resources resources;
  Scheduling scheduling;  // of the Job, without spread constraints
  Opaque volumes;

  friend bool operator==(const Restore&, const Restore&) = default;
};

void describe(Fields& fields, Restore& restore);

}  // namespace annals::spec
