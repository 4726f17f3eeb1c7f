// Where the data of a cluster comes from: a backup repository, with the options of
// `pgbackrest restore`. spec.backups.pgbackrest.restore is a restore in place, which the annotation
// pgbackrest-restore asks for; data_source.h is for new clusters. That it can be done is not
// checked here: the cluster goes on with its other fields when a restore cannot.
// restore_options.h reads the options.
#pragma once

#include <string>
#include <vector>

#include "spec/kubernetes.h"

namespace annals::spec {

class Fields;

struct RestoreSource {
  std::string cluster_name;       // whose repository; empty: this cluster's
  std::string cluster_namespace;  // empty: this cluster's
  std::string repo_name;
  std::vector<std::string> options;  // of the command `pgbackrest restore`, as the user wrote them
  Resources resources;
  Scheduling scheduling;  // of the Job, without spread constraints
  Opaque volumes;

  friend bool operator==(const RestoreSource&, const RestoreSource&) = default;
};

struct Restore {
  bool enabled = false;
  RestoreSource source;

  friend bool operator==(const Restore&, const Restore&) = default;
};

void describe(Fields& fields, RestoreSource& source);
void describe(Fields& fields, Restore& restore);

}  // namespace annals::spec
