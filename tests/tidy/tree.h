// The files of the repository, as far as the rules care for them.
#pragma once

#include <string>
#include <vector>

#include "tests/tidy/rules.h"

namespace annals::tidy {

// C++, CMake lists and Markdown that git tracks, as they stand in the working tree, ordered by
// path. What nobody has added yet is its author's alone.
std::vector<SourceFile> read_tree(const std::string& root);

}  // namespace annals::tidy
