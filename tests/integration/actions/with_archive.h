// WithArchive: a real PostgreSQL whose archive_command is a real pgBackRest, as an instance has it.
#pragma once

#include <chrono>
#include <string>

#include "tests/integration/actions/with_postgres.h"

namespace annals::actions {

class WithArchive : public WithPostgres {
 protected:
  WithArchive();

  // With these lines in the section [global] as well, "\\n" at the end of each.
  void configure(const std::string& more) const;
  // From now on; the server starts again.
  void archive();
  std::string pgbackrest(const std::string& command) const;
  // The account of the server owns all of it.
  void as_server(const std::string& command) const;
  // What it prints.
  std::string output_of(const std::string& command) const;

  // The segment that is ready to be archived then.
  std::string segment_ends();
  // Of pg_stat_archiver, in time; or the test fails after a minute.
  bool becomes(const std::string& condition, std::chrono::seconds limit);
  void await(const std::string& condition);

  std::string data_;
  std::string folder_;
};

}  // namespace annals::actions
