#include "lens/claim.h"

#include "base/concat.h"

namespace annals::lens {

// Nobody can delete a file by SQL, so an empty one is none.
std::string_view claim_question() {
  return "coalesce((pg_catalog.pg_stat_file('pg_stat_tmp/annals_claim', true)).size, 0) > 0";
}

bool read_claim(std::string_view output) { return output.starts_with("t\n") || output == "t"; }

std::string_view claim_place() {
  return "pg_catalog.quote_literal(pg_catalog.current_setting('data_directory') || "
         "'/pg_stat_tmp/annals_claim')";
}

std::string claim_statement(std::string_view place, bool claims) {
  return concat("COPY (SELECT 'asked to lead'", claims ? "" : " WHERE false", ") TO ", place);
}

}  // namespace annals::lens
