#include "k8s/discovery/discovery.h"

#include <optional>
#include <vector>

#include "base/concat.h"
#include "k8s/discovery/discovery_answers.h"

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
