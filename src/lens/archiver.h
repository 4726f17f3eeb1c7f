// What pgBackRest leaves beside a primary that could not archive, typed. Pure. The words are its
// own, redacted, in one line, shortened.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace annals::lens {

struct ArchiverWords {
  std::int64_t code = 0;  // of pgBackRest; 0: not told
  std::string words{};    // empty: likewise
  std::string version{};  // "2.45"; empty: likewise
};

// A file of the spool, "000000010000000000000004.error" or "global.error": a code in the first
// line, then the words.
ArchiverWords read_spool_error(std::string_view text);

// The end of db-archive-push-async.log, which may begin anywhere in a line: its last error, and
// which version wrote it.
ArchiverWords read_archive_log(std::string_view text);

}  // namespace annals::lens
