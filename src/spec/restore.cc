#include "spec/restore.h"

#include "spec/fields.h"
#include "spec/repository.h"

namespace annals::spec {

void describe(Fields& fields, Restore& restore) {
  fields.flag("enabled", restore.enabled);
  fields.text("clusterName", restore.cluster_name);
  fields.text("clusterNamespace", restore.cluster_namespace);
  fields.require("repoName", "choose from repo1 to repo4");
  describe_repo_name(fields, restore.repo_name);
  fields.texts("options", restore.options);
  describe_resources(fields, restore.resources);
  describe_scheduling(fields, restore.scheduling, Spread::kNo);
  fields.not_yet("volumes", restore.volumes);
}

}  // namespace annals::spec
