#include "spec/restore.h"

#include "spec/fields.h"
#include "spec/repository.h"

namespace annals::spec {

void describe(Fields& fields, RestoreSource& source) {
  fields.text("clusterName", source.cluster_name);
  fields.text("clusterNamespace", source.cluster_namespace);
  fields.require("repoName", "choose from repo1 to repo4");
  describe_repo_name(fields, source.repo_name);
  fields.texts("options", source.options);
  describe_resources(fields, source.resources);
  describe_scheduling(fields, source.scheduling, Spread::kNo);
  fields.not_yet("volumes", source.volumes);
}

void describe(Fields& fields, Restore& restore) {
  fields.flag("enabled", restore.enabled);
  describe(fields, restore.source);
}

}  // namespace annals::spec
