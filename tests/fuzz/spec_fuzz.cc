// Any bytes as a PostgresCluster: reading ends, tells text that is no resource, and what it
// understood prints as text that reads back as the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "spec/postgres_cluster.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {  // NOLINT
  namespace spec = annals::spec;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const spec::Reading reading = spec::read_postgres_cluster(text);
  for (const spec::Mistake& mistake : reading.findings.mistakes) {
    ANNALS_ASSERT(!mistake.field.empty() && !mistake.remedy.empty(), to_string(mistake));
  }
  const std::string printed = spec::print_postgres_cluster(reading.cluster);
  ANNALS_ASSERT(spec::read_postgres_cluster(printed).cluster == reading.cluster, printed);
  return 0;
}
