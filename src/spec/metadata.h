// Labels and annotations that the user adds to objects of ours. Ours win where keys are the same.
#pragma once

#include <map>
#include <string>

namespace annals::spec {

class Fields;

struct Metadata {
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;

  friend bool operator==(const Metadata&, const Metadata&) = default;
};

void describe(Fields& fields, Metadata& metadata);

}  // namespace annals::spec
