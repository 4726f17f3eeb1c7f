// What all objects of a cluster have in common: the owner, and whose labels and annotations win.
#pragma once

#include <string>
#include <string_view>

#include "manifests/json.h"
#include "manifests/labels.h"
#include "manifests/observed.h"
#include "spec/postgres_cluster.h"

namespace annals::manifests {

struct Kind {
  std::string_view api_version;
  std::string_view kind;
};

inline constexpr Kind kService{"v1", "Service"};
inline constexpr Kind kEndpoints{"v1", "Endpoints"};
inline constexpr Kind kConfigMap{"v1", "ConfigMap"};
inline constexpr Kind kSecret{"v1", "Secret"};
inline constexpr Kind kServiceAccount{"v1", "ServiceAccount"};
inline constexpr Kind kVolumeClaim{"v1", "PersistentVolumeClaim"};
inline constexpr Kind kRole{"rbac.authorization.k8s.io/v1", "Role"};
inline constexpr Kind kRoleBinding{"rbac.authorization.k8s.io/v1", "RoleBinding"};
inline constexpr Kind kJob{"batch/v1", "Job"};
inline constexpr Kind kStatefulSet{"apps/v1", "StatefulSet"};

inline constexpr std::string_view kClusterApiVersion = "postgres-operator.crunchydata.com/v1beta1";
inline constexpr std::string_view kClusterKind = "PostgresCluster";

// The user's labels for all objects, below those for this component, below ours.
Labels merged_labels(const spec::PostgresCluster& cluster, const spec::Metadata* component,
                     const Labels& ours);
Labels merged_annotations(const spec::PostgresCluster& cluster, const spec::Metadata* component,
                          const Labels& ours = {});

// apiVersion, kind and metadata, owned and controlled by the cluster. `component` may be null.
Json owned_object(const Kind& kind, const spec::PostgresCluster& cluster, const Observed& observed,
                  const std::string& name, const Labels& ours,
                  const spec::Metadata* component = nullptr);

// {"labels": ..., "annotations": ...} for the pods of a template.
Json pod_metadata(const spec::PostgresCluster& cluster, const spec::Metadata* component,
                  const Labels& labels, const Labels& annotations);

Json match_labels(const Labels& labels);

bool is_openshift(const spec::PostgresCluster& cluster, const Observed& observed);

}  // namespace annals::manifests
