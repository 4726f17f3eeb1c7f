#include "k8s/client/client.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/assert.h"
#include "k8s/text/text.h"

namespace annals::k8s {

namespace asio = boost::asio;
using Json = nlohmann::json;

namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kApply = "application/apply-patch+yaml";  // JSON is YAML
constexpr std::string_view kMergePatch = "application/merge-patch+json";
constexpr std::string_view kJsonPatch = "application/json-patch+json";
// For a watch to begin; it then goes on for as long as it was asked for.
constexpr Duration kWatchBegins = std::chrono::seconds(30);
// A renewal that takes longer comes too late; the holder has to look again.
constexpr Duration kLeaseTimeout = std::chrono::seconds(5);

std::string_view to_string(Propagation propagation) {
  switch (propagation) {
    case Propagation::kBackground:
      return "Background";
    case Propagation::kForeground:
      return "Foreground";
    case Propagation::kOrphan:
      return "Orphan";
  }
  return "Background";
}

void add_if_set(std::vector<QueryParameter>& query, std::string name, std::string value) {
  if (!value.empty()) query.push_back({std::move(name), std::move(value)});
}

std::string delete_body(const DeleteOptions& options) {
  Json preconditions = {{"uid", options.uid}};
  if (!options.resource_version.empty())
    preconditions["resourceVersion"] = options.resource_version;
  Json body = {{"kind", "DeleteOptions"},
               {"apiVersion", "v1"},
               {"propagationPolicy", to_string(options.propagation)},
               {"preconditions", std::move(preconditions)}};
  if (options.grace_period) body["gracePeriodSeconds"] = options.grace_period->count();
  return body.dump();
}

}  // namespace

asio::awaitable<Answer<std::string>> Client::raw(Request request) {
  if (request.place.priority == Priority::kLease)
    request.timeout = std::min(request.timeout, kLeaseTimeout);
  Answer<Response> response = co_await transport_.send(std::move(request));
  if (!response) co_return refuse(std::move(response).error());
  co_return std::move(response->body);
}

asio::awaitable<Answer<std::string>> Client::get(Resource resource, ObjectName object,
                                                 Place place) {
  Request request;
  request.path = object_path(resource, object);
  request.place = place;
  return raw(std::move(request));
}

asio::awaitable<Answer<std::string>> Client::write(Write how, Resource resource, ObjectName object,
                                                   std::string body, WriteOptions options) {
  Request request;
  request.verb = how.verb;
  request.path = how.verb == Verb::kPost ? collection_path(resource, object.name_space)
                                         : object_path(resource, object, how.subresource);
  request.content_type = std::move(how.content_type);
  request.body = request.content_type == kApply ? json_for_yaml(std::move(body)) : std::move(body);
  request.place = options.place;
  add_if_set(request.query, "fieldManager", std::move(options.field_manager));
  // Only an apply can be forced; the server refuses the parameter elsewhere.
  if (request.content_type == kApply && options.force) request.query.push_back({"force", "true"});
  if (options.dry_run) request.query.push_back({"dryRun", "All"});
  return raw(std::move(request));
}

asio::awaitable<Answer<std::string>> Client::apply(Resource resource, ObjectName object,
                                                   std::string manifest, WriteOptions options) {
  return write({Verb::kPatch, std::string(kApply), {}}, std::move(resource), std::move(object),
               std::move(manifest), std::move(options));
}

asio::awaitable<Answer<std::string>> Client::create(Resource resource, std::string name_space,
                                                    std::string manifest, WriteOptions options) {
  return write({Verb::kPost, std::string(kJson), {}}, std::move(resource),
               {std::move(name_space), {}}, std::move(manifest), std::move(options));
}

asio::awaitable<Answer<std::string>> Client::replace(Resource resource, ObjectName object,
                                                     std::string manifest, WriteOptions options) {
  return write({Verb::kPut, std::string(kJson), {}}, std::move(resource), std::move(object),
               std::move(manifest), std::move(options));
}

asio::awaitable<Answer<std::string>> Client::merge_patch(Resource resource, ObjectName object,
                                                         std::string patch, WriteOptions options) {
  return write({Verb::kPatch, std::string(kMergePatch), {}}, std::move(resource), std::move(object),
               std::move(patch), std::move(options));
}

asio::awaitable<Answer<std::string>> Client::json_patch(Resource resource, ObjectName object,
                                                        std::string patch, WriteOptions options) {
  return write({Verb::kPatch, std::string(kJsonPatch), {}}, std::move(resource), std::move(object),
               std::move(patch), std::move(options));
}

asio::awaitable<Answer<std::string>> Client::apply_status(Resource resource, ObjectName object,
                                                          std::string manifest,
                                                          WriteOptions options) {
  return write({Verb::kPatch, std::string(kApply), "status"}, std::move(resource),
               std::move(object), std::move(manifest), std::move(options));
}

asio::awaitable<Answer<std::string>> Client::merge_patch_status(Resource resource,
                                                                ObjectName object,
                                                                std::string patch,
                                                                WriteOptions options) {
  return write({Verb::kPatch, std::string(kMergePatch), "status"}, std::move(resource),
               std::move(object), std::move(patch), std::move(options));
}

asio::awaitable<Answer<void>> Client::remove(Resource resource, ObjectName object,
                                             DeleteOptions options) {
  ANNALS_ASSERT(!options.uid.empty(), "a delete without a UID may hit a namesake: ", object);
  Request request;
  request.verb = Verb::kDelete;
  request.path = object_path(resource, object);
  request.content_type = kJson;
  request.body = delete_body(options);
  request.place = options.place;
  const Answer<std::string> answer = co_await raw(std::move(request));
  if (!answer) co_return refuse(answer.error());
  co_return Answer<void>();
}

asio::awaitable<Answer<PageEnd>> Client::list(Resource resource, ListOptions options,
                                              TakeObject take) {
  PageSplitter page(std::move(take), options.object_max, options.unread);
  Request request;
  request.path = collection_path(resource, options.name_space);
  add_if_set(request.query, "labelSelector", std::move(options.label_selector));
  add_if_set(request.query, "fieldSelector", std::move(options.field_selector));
  if (options.limit > 0) request.query.push_back({"limit", std::to_string(options.limit)});
  add_if_set(request.query, "continue", std::move(options.continue_token));
  const Answer<void> received = co_await transport_.receive(
      std::move(request), [&page](std::string_view bytes) { return page.feed(bytes); });
  if (!received) co_return refuse(received.error());
  Result<PageEnd> end = page.finish();
  if (!end) co_return refuse(Trouble::kUnusable, end.error().detail);
  co_return *std::move(end);
}

asio::awaitable<Answer<Exchange>> Client::watch(Resource resource, WatchOptions options) {
  Request request;
  request.path = collection_path(resource, options.name_space);
  request.query = {{"watch", "true"},
                   {"allowWatchBookmarks", "true"},
                   {"timeoutSeconds", std::to_string(options.timeout.count())}};
  if (options.initial_events) {
    // No older than what etcd holds at this moment, as no resourceVersion is named.
    request.query.push_back({"sendInitialEvents", "true"});
    request.query.push_back({"resourceVersionMatch", "NotOlderThan"});
  } else {
    request.query.push_back({"resourceVersion", std::move(options.resource_version)});
  }
  add_if_set(request.query, "labelSelector", std::move(options.label_selector));
  request.timeout = kWatchBegins;
  return transport_.open(std::move(request));
}

asio::awaitable<Answer<Exchange>> Client::logs(ObjectName pod, LogOptions options) {
  Request request;
  request.path = object_path(pods(), pod, "log");
  add_if_set(request.query, "container", std::move(options.container));
  if (options.follow) request.query.push_back({"follow", "true"});
  if (options.previous) request.query.push_back({"previous", "true"});
  if (options.tail_lines >= 0) {
    request.query.push_back({"tailLines", std::to_string(options.tail_lines)});
  }
  return transport_.open(std::move(request));
}

}  // namespace annals::k8s
