// Labels of ours on what is watched. Lenses read them without their prefix.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "k8s/lens/meta.h"
#include "k8s/text/json.h"

namespace annals::lens {

inline constexpr std::string_view kLabelPrefix = "postgres-operator.crunchydata.com/";

// The metadata of any object, with our labels.
inline Result<k8s::ObjectMeta> read_labelled_meta(k8s::JsonReader& reader,
                                                  std::string_view object) {
  return k8s::read_meta(reader, object, kLabelPrefix);
}

// A label of ours; empty where there is none of that name.
inline std::string label_of(const k8s::ObjectMeta& meta, const char* name) {
  const auto label = meta.labels.find(name);
  return label == meta.labels.end() ? std::string() : label->second;
}

// The cluster that an object names in its label; empty where it names none.
inline std::string cluster_of(const k8s::ObjectMeta& meta) { return label_of(meta, "cluster"); }

}  // namespace annals::lens
