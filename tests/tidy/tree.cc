#include "tests/tidy/tree.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace annals::tidy {
namespace {

namespace fs = std::filesystem;

bool wanted(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".cc" || extension == ".h" || extension == ".md" ||
         path.filename() == "CMakeLists.txt";
}

SourceFile read(const fs::path& root, const std::string& path) {
  std::ifstream in(root / path, std::ios::binary);
  return {path, std::string(std::istreambuf_iterator<char>(in), {})};
}

// safe.directory: a container often runs as another user than the owner of the files.
std::vector<std::string> tracked_paths(const std::string& root) {
  const std::string command =
      "git -c safe.directory='*' -C '" + root + "' ls-files --cached --full-name";
  std::vector<std::string> paths;
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return paths;
  std::array<char, 4096> line{};
  while (std::fgets(line.data(), line.size(), pipe) != nullptr) {
    paths.emplace_back(line.data());
    if (paths.back().ends_with('\n')) paths.back().pop_back();
  }
  pclose(pipe);
  return paths;
}

}  // namespace

std::vector<SourceFile> read_tree(const std::string& root) {
  std::vector<SourceFile> files;
  for (const std::string& path : tracked_paths(root)) {
    if (wanted(path) && fs::is_regular_file(fs::path(root) / path))
      files.push_back(read(root, path));
  }
  std::ranges::sort(files, {}, &SourceFile::path);
  return files;
}

}  // namespace annals::tidy
