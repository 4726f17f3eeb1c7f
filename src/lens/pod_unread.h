// What Pods are full of and no lens for them looks into: more than four fifths of their bytes.
#pragma once

#include <array>
#include <string_view>

#include "k8s/text/object_scanner.h"

namespace annals::lens {

// A lens that begins to read one of these takes it from here.
inline constexpr std::array<std::string_view, 18> kUnreadOfPods{"managedFields",
                                                                "env",
                                                                "envFrom",
                                                                "volumes",
                                                                "volumeMounts",
                                                                "volumeDevices",
                                                                "livenessProbe",
                                                                "readinessProbe",
                                                                "startupProbe",
                                                                "lifecycle",
                                                                "resources",
                                                                "command",
                                                                "args",
                                                                "ports",
                                                                "securityContext",
                                                                "tolerations",
                                                                "affinity",
                                                                "topologySpreadConstraints"};

}  // namespace annals::lens
