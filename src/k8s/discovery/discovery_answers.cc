#include "k8s/discovery/discovery_answers.h"

#include <algorithm>

#include "k8s/text/json_scratch.ipp"

namespace annals::k8s {
namespace {

// These become parts of paths. A list may come from an extension's server, which need not be as
// careful as Kubernetes itself.
bool is_name(std::string_view text) {
  const auto in_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !text.empty() && std::ranges::all_of(text, in_name);
}

}  // namespace

Result<std::vector<std::string>> read_versions(std::string_view body) {
  JsonReader reader;
  std::vector<std::string> versions;
  std::string preferred;
  const auto version_of = [](std::string& into) {
    return [&into](std::string_view key, ondemand::value value) {
      if (key == "version") into = text_of(value);
    };
  };
  Result<void> read = read_object(reader, body, [&](ondemand::object& root) {
    each_field(root, [&](std::string_view key, ondemand::value value) {
      if (key == "preferredVersion") each_field(value, version_of(preferred));
      if (key != "versions") return;
      each_element(value, [&](ondemand::value entry) {
        each_field(entry, version_of(versions.emplace_back()));
      });
    });
  });
  if (!read) return fail(std::move(read).error());
  std::erase_if(versions, [](const std::string& version) { return !is_name(version); });
  const auto first = std::ranges::find(versions, preferred);
  if (first != versions.end()) std::rotate(versions.begin(), first, first + 1);
  return versions;
}

Result<std::optional<Resource>> read_resource(std::string_view body, std::string_view kind) {
  JsonReader reader;
  std::optional<Resource> found;
  Result<void> read = read_object(reader, body, [&](ondemand::object& root) {
    each_field(root, [&](std::string_view part, ondemand::value list) {
      if (part != "resources") return;
      each_element(list, [&](ondemand::value entry) {
        Resource resource;
        std::string its_kind;
        each_field(entry, [&](std::string_view key, ondemand::value value) {
          if (key == "name") resource.plural = text_of(value);
          if (key == "kind") its_kind = text_of(value);
          if (key == "namespaced") resource.namespaced = flag_of(value);
        });
        if (its_kind == kind && is_name(resource.plural)) found = std::move(resource);
      });
    });
  });
  if (!read) return fail(std::move(read).error());
  return found;
}

}  // namespace annals::k8s
