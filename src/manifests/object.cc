#include "manifests/object.h"

namespace annals::manifests {
namespace {

using Map = std::map<std::string, std::string>;

void add(Map& all, const Map& more) {
  for (const auto& [key, value] : more) all[key] = value;
}

}  // namespace

Labels merged_labels(const spec::PostgresCluster& cluster, const spec::Metadata* component,
                     const Labels& ours) {
  Labels labels = cluster.spec.metadata.labels;
  if (component != nullptr) add(labels, component->labels);
  add(labels, ours);
  return labels;
}

Labels merged_annotations(const spec::PostgresCluster& cluster, const spec::Metadata* component,
                          const Labels& ours) {
  Labels annotations = cluster.spec.metadata.annotations;
  if (component != nullptr) add(annotations, component->annotations);
  add(annotations, ours);
  return annotations;
}

Json owned_object(const Kind& kind, const spec::PostgresCluster& cluster, const Observed& observed,
                  const std::string& name, const Labels& ours, const spec::Metadata* component) {
  Json owner = {{"apiVersion", kClusterApiVersion},
                {"kind", kClusterKind},
                {"name", cluster.name},
                {"uid", observed.uid},
                {"controller", true},
                {"blockOwnerDeletion", true}};
  Json metadata = {{"name", name},
                   {"namespace", cluster.namespace_name},
                   {"labels", merged_labels(cluster, component, ours)},
                   {"ownerReferences", Json::array({std::move(owner)})}};
  set_given(metadata, "annotations", merged_annotations(cluster, component));
  return {{"apiVersion", kind.api_version}, {"kind", kind.kind}, {"metadata", std::move(metadata)}};
}

Json pod_metadata(const spec::PostgresCluster& cluster, const spec::Metadata* component,
                  const Labels& labels, const Labels& annotations) {
  return {{"labels", merged_labels(cluster, component, labels)},
          {"annotations", merged_annotations(cluster, component, annotations)}};
}

Json match_labels(const Labels& labels) { return {{"matchLabels", labels}}; }

bool is_openshift(const spec::PostgresCluster& cluster, const Observed& observed) {
  return cluster.spec.openshift.value_or(observed.openshift);
}

}  // namespace annals::manifests
