// Opaque: a JSON value that we carry for Kubernetes and do not look into, such as an affinity.
// It is kept as canonical text (keys sorted, no white space), so equal values are equal bytes and
// the headers of this folder stay free of the JSON library.
#pragma once

#include <string>

namespace annals::spec {

struct Opaque {
  std::string json;  // empty: absent

  bool empty() const { return json.empty(); }

  friend bool operator==(const Opaque&, const Opaque&) = default;
};

}  // namespace annals::spec
