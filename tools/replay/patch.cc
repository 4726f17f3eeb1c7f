// The file of what-if: JSON to a Patch, with errors that name what is wrong in it.
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "what_if.h"

namespace annals::replay {
namespace {

using nlohmann::json;

std::unexpected<Error> wrong(const std::string& file, std::string_view member,
                             std::string_view remedy) {
  return fail(Errc::kInvalid, "--patch: ", file, ": ", member, ": ", remedy);
}

Result<void> read_at(const std::string& file, const json& document, Patch& patch) {
  if (!document.contains("at")) return wrong(file, "at", "missing: give a record number or a time");
  const json& at = document.at("at");
  const Result<Point> point = parse_point(concat("--patch: ", file, ": at"),
                                          at.is_string() ? at.get<std::string>() : at.dump());
  if (!point) return fail(point.error());
  patch.at = *point;
  return {};
}

Result<void> read_configuration(const std::string& file, const json& from, Patch& patch) {
  if (!from.is_object()) return wrong(file, "configuration", "give a JSON object");
  for (const auto& [member, value] : from.items()) {
    if (member == "version" && value.is_string()) {
      patch.version = value.get<std::string>();
    } else if (member == "images" && value.is_object()) {
      for (const auto& [name, image] : value.items()) {
        if (!image.is_string()) return wrong(file, "images." + name, "give a string");
        patch.images[name] = image.get<std::string>();
      }
    } else {
      return wrong(file, "configuration." + member,
                   "unknown member: give version (a string) or images (an object of strings)");
    }
  }
  patch.changes_configuration = true;
  return {};
}

}  // namespace

Result<Patch> parse_patch(const std::string& file, const std::string& text) {
  const json document = json::parse(text, nullptr, false);
  if (!document.is_object()) return wrong(file, "the file", "give a JSON object");
  Patch patch;
  Result<void> read = read_at(file, document, patch);
  if (!read) return fail(std::move(read).error());
  for (const auto& [member, value] : document.items()) {
    if (member == "at") continue;
    if (member == "cluster" && value.is_string()) {
      patch.cluster = value.get<std::string>();
    } else if (member == "spec" && value.is_object()) {
      patch.spec = value.dump();
    } else if (member == "configuration") {
      read = read_configuration(file, value, patch);
      if (!read) return fail(std::move(read).error());
    } else {
      return wrong(file, member,
                   "unknown member: give at, cluster (a string), spec and configuration (objects)");
    }
  }
  if (patch.spec.empty() && !patch.changes_configuration)
    return wrong(file, "spec", "no change: give spec, configuration, or both");
  return patch;
}

Result<Patch> read_patch(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(Errc::kNotFound, "--patch: ", file, " cannot be read");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return parse_patch(file, text);
}

}  // namespace annals::replay
