// The parts that Kubernetes defines and many places of the specification share: where pods may run,
// what their containers may use, what volumes are claimed, which files are projected.
#pragma once

#include <optional>
#include <string>

#include "spec/opaque.h"

namespace annals::spec {

class Fields;

// CPU and memory of a container.
struct Resources {
  Opaque json;

  friend bool operator==(const Resources&, const Resources&) = default;
};

void describe_resources(Fields& fields, Resources& resources);

// The one container of a sidecar's settings: {"resources": ...}.
struct Sidecar {
  Resources resources;

  friend bool operator==(const Sidecar&, const Sidecar&) = default;
};

void describe(Fields& fields, Sidecar& sidecar);

struct Scheduling {
  Opaque affinity;
  Opaque tolerations;
  std::string priority_class_name;
  Opaque topology_spread_constraints;

  friend bool operator==(const Scheduling&, const Scheduling&) = default;
};

enum class Spread : bool { kNo, kYes };

// Beside the other fields of its part. Jobs have no spread constraints.
void describe_scheduling(Fields& fields, Scheduling& scheduling, Spread spread);

// A PersistentVolumeClaim's spec: with access modes and a request for storage.
struct VolumeClaim {
  Opaque json;       // without autoGrow
  Opaque auto_grow;  // of our API, not of Kubernetes

  friend bool operator==(const VolumeClaim&, const VolumeClaim&) = default;
};

void describe(Fields& fields, VolumeClaim& claim);

// Certificates that the user brings: a projection of a Secret.
struct TlsSecret {
  std::string name;
  Opaque items;
  std::optional<bool> optional;

  friend bool operator==(const TlsSecret&, const TlsSecret&) = default;
};

void describe(Fields& fields, TlsSecret& secret);

}  // namespace annals::spec
