// Links between pages. A page that moves, or a heading that is worded anew, leaves links behind
// that nobody follows before a reader does. Pure; tree.h brings the files.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/rules.h"

namespace annals::tidy {

struct Link {
  int line;
  std::string path;    // from the root of the repository; that of the page itself for "#anchor"
  std::string anchor;  // without '#'; empty for the page as a whole
};

// To files of the repository; what stands in code, or has a scheme, is none.
std::vector<Link> links_of(const SourceFile& page);
// Of the page's headings, as GitHub makes them: "Move Patroni's store" has "move-patronis-store".
std::set<std::string> anchors_of(const SourceFile& page);

}  // namespace annals::tidy
