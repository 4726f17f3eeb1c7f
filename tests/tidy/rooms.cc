// The table of rooms against the includes. cmake/rooms.cmake says the same to the linker; this also
// sees what a header-only include would smuggle past it.
#include <algorithm>
#include <array>
#include <initializer_list>

#include "tests/tidy/rules.h"

namespace annals::tidy {
namespace {

using Names = std::vector<std::string_view>;

struct Room {
  std::string_view folder;  // a prefix of the path; the longest that fits counts
  Names ours;
  Names outside;
};

// Libraries from outside, by the start of their includes.
const Names& libraries() {
  static const Names kLibraries{"boost/",  "rocksdb/",   "nlohmann/", "simdjson", "spdlog/",
                                "fmt/",    "openssl/",   "zstd",      "libpq",    "CLI/",
                                "gtest/",  "gmock/",     "yaml-cpp/", "zlib",     "benchmark/",
                                "rapidch", "prometheus/"};
  return kLibraries;
}

const std::vector<Room>& rooms() {
  static const std::vector<Room> kRooms{
      {"src/base/", {"base"}, {}},
      {"src/base/log.cc", {"base"}, {"spdlog/"}},
      {"src/base/sha256.cc", {"base"}, {"openssl/"}},
      {"src/journal/", {"base", "journal"}, {"rocksdb/", "openssl/", "zstd"}},
      {"src/spec/", {"base", "spec"}, {"nlohmann/"}},
      {"src/manifests/", {"base", "spec", "manifests"}, {"nlohmann/"}},
      {"src/fsm/", {"base", "spec", "manifests", "fsm"}, {}},
      {"src/fsm/codec/", {"base", "spec", "manifests", "fsm"}, {"boost/pfr"}},
      {"src/history/", {"base", "journal", "spec", "manifests", "fsm", "history"}, {}},
      {"src/http/", {"base", "http"}, {"boost/"}},
      {"src/k8s/",
       {"base", "http", "k8s"},
       {"boost/", "openssl/", "nlohmann/", "simdjson", "yaml-cpp/", "zlib"}},
      {"src/lens/", {"base", "spec", "manifests", "fsm", "k8s", "lens"}, {"simdjson"}},
      {"src/postgres/", {"base", "http", "postgres"}, {"boost/", "openssl/", "nlohmann/", "libpq"}},
      {"src/actions/",
       {"base", "fsm", "k8s", "lens", "postgres", "actions"},
       {"boost/", "nlohmann/", "openssl/"}},
      {"src/runtime/",
       {"base", "journal", "spec", "manifests", "fsm", "history", "k8s", "lens", "postgres",
        "actions", "runtime"},
       {"boost/", "nlohmann/"}},
      {"src/api/",
       {"base", "fsm", "k8s", "runtime", "api"},
       {"boost/", "nlohmann/", "prometheus/"}},
      {"src/process/",
       {"base", "journal", "spec", "manifests", "fsm", "k8s", "lens", "postgres", "actions",
        "runtime", "api", "process"},
       {"boost/", "CLI/"}},
      {"src/main.cc", {"process"}, {}},
      {"tools/replay/",
       {"base", "journal", "spec", "manifests", "fsm", "history", "replay"},
       {"CLI/", "nlohmann/"}},
  };
  return kRooms;
}

// What only a shell may use: the pure rooms have no clock, chance, threads or files.
constexpr std::array<std::string_view, 4> kPureFolders{"src/spec/", "src/manifests/", "src/fsm/",
                                                       "src/base/id.h"};
constexpr std::array<std::string_view, 12> kImpure{
    "random",  "thread",   "mutex",      "future",   "condition_variable",
    "fstream", "iostream", "filesystem", "unistd.h", "stdio.h",
    "cstdlib", "ctime"};

// Heavy headers that would slow every file that includes one of ours.
constexpr std::array<std::string_view, 7> kHeavy{
    "rocksdb/", "nlohmann/json.hpp", "boost/beast",   "boost/asio.hpp",
    "spdlog/",  "simdjson",          "boost/asio/ssl"};

bool starts_with_any(std::string_view text, const auto& prefixes) {
  return std::ranges::any_of(prefixes, [&](std::string_view p) { return text.starts_with(p); });
}

const Room* room_of(std::string_view path) {
  const Room* found = nullptr;
  for (const Room& room : rooms()) {
    if (!path.starts_with(room.folder)) continue;
    if (found == nullptr || room.folder.size() > found->folder.size()) found = &room;
  }
  return found;
}

// The part of an include that names it, with its opening mark: `"base/id.h` or `<vector`.
std::string_view included(std::string_view line) {
  constexpr std::string_view kDirective = "#include ";
  if (!line.starts_with(kDirective)) return {};
  line.remove_prefix(kDirective.size());
  return line.substr(0, line.find_last_of("\">"));
}

std::string why_not(const SourceFile& file, const Room& room, std::string_view include) {
  const std::string_view name = include.substr(1);
  const bool beside = !name.contains('/') && !file.path.starts_with("src/");
  if (include.front() == '"' && beside) return {};
  if (include.front() == '"') {
    const std::string_view folder = name.substr(0, name.find('/'));
    if (std::ranges::find(room.ours, folder) != room.ours.end()) return {};
    return std::string("may not include from ").append(folder);
  }
  if (starts_with_any(name, libraries()) && !starts_with_any(name, room.outside)) {
    return "may not use this library";
  }
  if (starts_with_any(file.path, kPureFolders) &&
      std::ranges::find(kImpure, name) != kImpure.end()) {
    return "is pure: no clock, chance, threads or files";
  }
  if (file.path.ends_with(".h") && starts_with_any(name, kHeavy)) {
    return "is a header: forward-declare, and include this in the .cc";
  }
  return {};
}

}  // namespace

Findings check_includes(const SourceFile& file) {
  Findings findings;
  const Room* room = room_of(file.path);
  if (room == nullptr) return findings;
  for (const Line& line : lines_of(file.text)) {
    const std::string_view include = included(line.text);
    if (include.size() < 2) continue;
    const std::string why = why_not(file, *room, include);
    if (why.empty()) continue;
    findings.push_back(file.path + ":" + std::to_string(line.number) + ": " +
                       std::string(include.substr(1)) + ": " + std::string(room->folder) + " " +
                       why);
  }
  return findings;
}

}  // namespace annals::tidy
