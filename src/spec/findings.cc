#include "spec/findings.h"

#include "base/concat.h"

namespace annals::spec {

std::string to_string(const Mistake& mistake) {
  if (mistake.value.empty()) return concat(mistake.field, " is missing: ", mistake.remedy);
  return concat(mistake.field, " is ", mistake.value, ": ", mistake.remedy);
}

std::string to_string(const UnusedField& unused) {
  return concat(unused.field, unused.why == Unused::kNotYet ? " has no effect in this version"
                                                            : " is not a field of this API");
}

}  // namespace annals::spec
