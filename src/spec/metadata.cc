#include "spec/metadata.h"

#include "spec/fields.h"

namespace annals::spec {

void describe(Fields& fields, Metadata& metadata) {
  fields.map("labels", metadata.labels);
  fields.map("annotations", metadata.annotations);
}

}  // namespace annals::spec
