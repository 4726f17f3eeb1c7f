#include "k8s/reflector.h"

#include <algorithm>
#include <random>

#include "k8s/task_scope.h"

namespace annals::k8s {

namespace asio = boost::asio;

namespace {

// A stream that ended sooner did not work, whatever it says.
constexpr Duration kStreamWorked = std::chrono::seconds(5);
// How often a list may start over because its continue token expired under way.
constexpr int kListRestartsMax = 3;

Answer<void> unusable(const Error& error) { return refuse(Trouble::kUnusable, error.detail); }

}  // namespace

std::string_view to_string(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kAppeared:
      return "appeared";
    case ChangeKind::kChanged:
      return "changed";
    case ChangeKind::kVanished:
      return "vanished";
    case ChangeKind::kUnreadable:
      return "unreadable";
  }
  return "unknown";
}

std::string_view to_string(Freshness freshness) {
  switch (freshness) {
    case Freshness::kUnknown:
      return "unknown";
    case Freshness::kCurrent:
      return "current";
    case Freshness::kStale:
      return "stale";
  }
  return "unknown";
}

ReflectorCore::ReflectorCore(Client& client, Resource resource, ReflectorOptions options)
    : client_(client),
      resource_(std::move(resource)),
      options_(std::move(options)),
      kind_(to_string(resource_)),
      log_(client.transport().log().child({{"kind", kind_}})),
      backoff_(options_.backoff, std::random_device{}()) {}

asio::awaitable<void> ReflectorCore::run() {
  for (;;) {
    if (resource_version_.empty()) {
      const Duration began = client_.transport().clock().steady();
      Answer<void> listed = co_await list();
      if (!listed) {
        Ended failed{StreamEnd::kBroken, std::move(listed).error(), {}};
        co_await after(std::move(failed));
        continue;
      }
      client_.transport().metrics().listed(kind_, client_.transport().clock().steady() - began);
      co_await become(Freshness::kCurrent, "listed");
    }
    Ended ended = co_await watch();
    co_await after(std::move(ended));
  }
}

asio::awaitable<void> ReflectorCore::become(Freshness now, std::string reason) {
  if (freshness_ == now || (freshness_ == Freshness::kUnknown && now == Freshness::kStale))
    co_return;
  freshness_ = now;
  if (now == Freshness::kStale) {
    log_.warn("watch-stale", {{"reason", reason}});
  } else {
    log_.info("watch-current", {{"reason", reason}, {"objects", table_.size()}});
  }
  co_await tell(now, std::move(reason));
}

// ---- List

asio::awaitable<Answer<PageEnd>> ReflectorCore::list_page(std::string continue_token) {
  ListOptions options{.name_space = options_.name_space,
                      .label_selector = options_.label_selector,
                      .field_selector = {},
                      .limit = options_.page_size,
                      .continue_token = std::move(continue_token),
                      .unread = unread(),
                      .object_max = options_.line_max};
  return client_.list(resource_, std::move(options),
                      [this](std::string_view object) { return take_object(object); });
}

asio::awaitable<Answer<void>> ReflectorCore::list() {
  std::string token;
  int restarts = 0;
  table_.begin_list();
  do {
    Answer<PageEnd> page = co_await list_page(token);
    if (page && page->continue_token.empty()) {
      for (WatchTable::Vanished& gone : table_.end_list()) push_vanished(std::move(gone));
      resource_version_ = std::move(page->resource_version);
    }
    co_await flush();  // what came before the trouble was true
    if (page) {
      token = std::move(page->continue_token);
      continue;
    }
    const bool expired = page.error().expired() && !token.empty();
    const bool large = page.error().reason == kAnswerTooLarge && options_.page_size > 1;
    if (large) options_.page_size /= 2;
    if (!large && (!expired || ++restarts > kListRestartsMax)) {
      co_return refuse(std::move(page).error());
    }
    token.clear();
    table_.begin_list();
  } while (resource_version_.empty());
  co_return Answer<void>();
}

Result<void> ReflectorCore::take_object(std::string_view object) {
  Result<Look> seen = look(object);
  if (!seen) return fail(std::move(seen).error());
  WatchTable::Sighting sighting = seen->digest ? table_.saw(seen->key, *seen->digest, seen->mark)
                                               : table_.saw_unreadable(seen->key);
  if (sighting.replaced) push_vanished(*std::move(sighting.replaced));
  if (sighting.news == WatchTable::News::kSame) return {};
  const ChangeKind kind = !seen->digest                                  ? ChangeKind::kUnreadable
                          : sighting.news == WatchTable::News::kAppeared ? ChangeKind::kAppeared
                                                                         : ChangeKind::kChanged;
  push(kind, std::move(seen->key), std::move(seen->trouble));
  return {};
}

// ---- Watch

asio::awaitable<ReflectorCore::Ended> ReflectorCore::watch() {
  const Clock& clock = client_.transport().clock();
  const Duration began = clock.steady();
  WatchOptions options{.name_space = options_.name_space,
                       .label_selector = options_.label_selector,
                       .resource_version = resource_version_,
                       .timeout = options_.stream_length};
  Answer<Exchange> stream = co_await client_.watch(resource_, std::move(options));
  if (!stream) {
    const StreamEnd how = stream.error().expired() ? StreamEnd::kExpired : StreamEnd::kBroken;
    co_return Ended{how, std::move(stream).error(), {}};
  }
  co_await become(Freshness::kCurrent, "watching again");
  Answer<void> followed = co_await follow(&*stream);
  const Duration lasted = clock.steady() - began;
  if (followed) co_return Ended{StreamEnd::kClosed, {}, lasted};
  const bool expired = followed.error().expired();
  const bool silent = followed.error().reason == "Silence";
  const StreamEnd how = expired  ? StreamEnd::kExpired
                        : silent ? StreamEnd::kSilent
                                 : StreamEnd::kBroken;
  co_return Ended{how, std::move(followed).error(), lasted};
}

// Ends without an error when the server closes the stream in order.
asio::awaitable<Answer<void>> ReflectorCore::follow(Exchange* stream) {
  const Clock& clock = client_.transport().clock();
  LineSplitter lines(options_.line_max);
  for (;;) {
    const Duration asked = clock.steady();
    Answer<bool> more = co_await stream->read(&lines.inbox(), options_.silence_max);
    if (!more) {
      ApiError error = std::move(more).error();
      if (clock.steady() - asked >= options_.silence_max) error.reason = "Silence";
      co_return refuse(std::move(error));
    }
    std::string_view line;
    int events = 0;
    Answer<void> taken;
    while (taken && lines.next_line(line)) {
      taken = take_event(line);
      ++events;
    }
    client_.transport().metrics().watch_events(kind_, events);
    co_await flush();  // what came before the trouble was true
    if (!taken) co_return taken;
    const Result<void> compacted = lines.compact();
    if (!compacted) co_return unusable(compacted.error());
    if (!*more) break;
  }
  if (lines.partial())
    co_return refuse(Trouble::kUnusable, "the stream ended in the middle of an event");
  co_return Answer<void>();
}

Answer<void> ReflectorCore::take_event(std::string_view line) {
  Result<WatchEvent> event = read_watch_event(reader_, line);
  if (event && event->type == WatchEventType::kError)
    return refuse(read_watch_error(event->object));
  Result<void> taken;
  if (!event) {
    taken = fail(std::move(event).error());
  } else if (event->type == WatchEventType::kDeleted) {
    taken = take_deleted(event->object);
  } else if (event->type != WatchEventType::kBookmark) {
    taken = take_object(event->object);
  }
  Result<std::string> version = taken ? read_resource_version(reader_, event->object)
                                      : Result<std::string>(fail(std::move(taken).error()));
  if (version) {
    resource_version_ = *std::move(version);
    return {};
  }
  // An event was lost: only a list can tell what it was.
  resource_version_.clear();
  return unusable(version.error());
}

Result<void> ReflectorCore::take_deleted(std::string_view object) {
  Result<ObjectMeta> meta = read_meta(reader_, object);
  if (!meta) return fail(std::move(meta).error());
  std::optional<std::string> mark = table_.gone(meta->key);
  if (mark) push_vanished({.key = std::move(meta->key), .mark = *std::move(mark)});
  return {};
}

asio::awaitable<void> ReflectorCore::after(Ended ended) {
  constexpr std::array kCauses{"closed", "silent", "expired", "broken"};
  client_.transport().metrics().watch_restarted(kind_,
                                                kCauses.at(static_cast<std::size_t>(ended.how)));
  const bool worked = ended.lasted >= kStreamWorked;
  if (worked) backoff_.reset();
  if (ended.how == StreamEnd::kExpired) resource_version_.clear();
  const bool in_order = ended.how == StreamEnd::kClosed || ended.how == StreamEnd::kSilent;
  if (in_order && worked) co_return;
  const Duration asked = ended.error.retry_after.value_or(std::chrono::seconds(0));
  const Duration wait = backoff_.next(asked);
  log_.debug("watch-restarts", {{"cause", kCauses.at(static_cast<std::size_t>(ended.how))},
                                {"error", to_string(ended.error)},
                                {"wait_ms", wait}});
  if (!in_order) co_await become(Freshness::kStale, to_string(ended.error));
  co_await pause_for(wait);
}

}  // namespace annals::k8s
