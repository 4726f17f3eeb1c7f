#include "k8s/discovery.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "k8s/json_scratch.ipp"

namespace annals::k8s {

namespace asio = boost::asio;

namespace {

ApiError not_served(const std::string& group, const std::string& kind) {
  ApiError error;
  error.trouble = Trouble::kRefused;
  error.status = 404;
  error.reason = "NotFound";
  error.message = concat("this server has no ", kind, group.empty() ? "" : " in ", group);
  return error;
}

// The versions of an APIGroup, the preferred one first.
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
  const auto first = std::ranges::find(versions, preferred);
  if (first != versions.end()) std::rotate(versions.begin(), first, first + 1);
  return versions;
}

// The resource of that kind in an APIResourceList; subresources ("pods/log") do not count.
Result<std::optional<Resource>> read_resource(std::string_view body, const std::string& kind) {
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
        const bool whole = resource.plural.find('/') == std::string::npos;
        if (its_kind == kind && whole) found = std::move(resource);
      });
    });
  });
  if (!read) return fail(std::move(read).error());
  return found;
}

}  // namespace

asio::awaitable<Answer<Resource>> Discovery::resource(std::string group, std::string kind) {
  const Duration now = client_.transport().clock().steady();
  const auto known = known_.find({group, kind});
  if (known != known_.end() && now - known->second.since < remembered_) {
    co_return known->second.resource;
  }
  Answer<Resource> found = co_await look_up(group, kind);
  if (found) known_.insert_or_assign({std::move(group), std::move(kind)}, Known{*found, now});
  co_return found;
}

asio::awaitable<Answer<std::string>> Discovery::text(std::string path) {
  Request request;
  request.path = std::move(path);
  return client_.raw(std::move(request));
}

asio::awaitable<Answer<Resource>> Discovery::look_up(std::string group, std::string kind) {
  std::vector<std::string> versions{"v1"};
  if (!group.empty()) {
    Answer<std::string> body = co_await text(concat("/apis/", group));
    if (!body && body.error().not_found()) co_return refuse(not_served(group, kind));
    if (!body) co_return refuse(std::move(body).error());
    Result<std::vector<std::string>> read = read_versions(*body);
    if (!read) co_return refuse(Trouble::kUnusable, read.error().detail);
    versions = *std::move(read);
  }
  for (const std::string& version : versions) {
    Answer<std::string> body = co_await text(group.empty() ? concat("/api/", version)
                                                           : concat("/apis/", group, "/", version));
    if (!body) co_return refuse(std::move(body).error());
    Result<std::optional<Resource>> read = read_resource(*body, kind);
    if (!read) co_return refuse(Trouble::kUnusable, read.error().detail);
    if (!*read) continue;
    Resource resource = **std::move(read);
    resource.group = group;
    resource.version = version;
    co_return resource;
  }
  co_return refuse(not_served(group, kind));
}

}  // namespace annals::k8s
