#include "k8s/watch/reflector.h"

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
// The storage of a kind that was just made is there within a fraction of the second after which
// the server asks to come back; what takes longer than this is trouble of another sort.
constexpr BackoffRange kStorageBackoff{.first = std::chrono::milliseconds(50),
                                       .most = std::chrono::seconds(1)};
constexpr Duration kStorageComesUp = std::chrono::seconds(3);
constexpr std::string_view kSilence = "Silence";

Answer<void> unusable(const Error& error) { return refuse(Trouble::kUnusable, error.detail); }

// A server that ignores the request for initial events goes on with whatever happens.
Answer<void> without_end() {
  ApiError error;
  error.trouble = Trouble::kUnusable;
  error.reason = kSilence;
  error.message = "no bookmark marks the end of the initial events";
  return refuse(std::move(error));
}

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
      backoff_(options_.backoff, std::random_device{}()),
      storage_backoff_(kStorageBackoff, std::random_device{}()),
      initial_(options_.initial_events, options_.initial_patience, options_.stream_length) {}

asio::awaitable<void> ReflectorCore::run() {
  for (;;) {
    if (resource_version_.empty() && !initial_.wanted()) {
      Answer<void> listed = co_await list();
      if (!listed) {
        Ended ended = failed(std::move(listed).error());
        co_await after(std::move(ended));
        continue;
      }
      initial_.all_came();
      co_await listed_all();
    }
    Ended ended = co_await watch();
    co_await after(std::move(ended));
  }
}

asio::awaitable<void> ReflectorCore::listed_all() {
  Transport& transport = client_.transport();
  transport.metrics().listed(kind_, transport.clock().steady() - list_began_);
  return become(Freshness::kCurrent, "listed");
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
                      [this](std::string_view object) -> Result<void> {
                        Result<std::string> taken = take_object(object);
                        if (!taken) return fail(std::move(taken).error());
                        return {};
                      });
}

asio::awaitable<Answer<void>> ReflectorCore::list() {
  std::string token;
  int restarts = 0;
  list_began_ = client_.transport().clock().steady();
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

Result<std::string> ReflectorCore::take_object(std::string_view object) {
  Result<Look> seen = look(object);
  if (!seen) return fail(std::move(seen).error());
  WatchTable::Sighting sighting = seen->digest ? table_.saw(seen->key, *seen->digest, seen->mark)
                                               : table_.saw_unreadable(seen->key);
  if (sighting.replaced) push_vanished(*std::move(sighting.replaced));
  if (sighting.news == WatchTable::News::kSame) return std::move(seen->resource_version);
  const ChangeKind kind = !seen->digest                                  ? ChangeKind::kUnreadable
                          : sighting.news == WatchTable::News::kAppeared ? ChangeKind::kAppeared
                                                                         : ChangeKind::kChanged;
  push(kind, std::move(seen->key), std::move(seen->trouble));
  return std::move(seen->resource_version);
}

// ---- Watch

// What an error means to a stream that it ended, or that did not begin for it.
ReflectorCore::Ended ReflectorCore::failed(ApiError error) {
  const StreamEnd how = error.expired()            ? StreamEnd::kExpired
                        : error.resource_busy()    ? StreamEnd::kBusy
                        : error.reason == kSilence ? StreamEnd::kSilent
                                                   : StreamEnd::kBroken;
  return {.how = how, .error = std::move(error)};
}

asio::awaitable<ReflectorCore::Ended> ReflectorCore::watch() {
  const Clock& clock = client_.transport().clock();
  const Duration began = clock.steady();
  const bool lists = resource_version_.empty();
  if (lists) {
    list_began_ = began;
    table_.begin_list();
    initial_.begin(began);
  }
  WatchOptions options{.name_space = options_.name_space,
                       .label_selector = options_.label_selector,
                       .resource_version = resource_version_,
                       .initial_events = lists,
                       .timeout = options_.stream_length};
  Answer<Exchange> stream = co_await client_.watch(resource_, std::move(options));
  if (!stream) co_return failed(std::move(stream).error());
  if (!lists) co_await become(Freshness::kCurrent, "watch restarted");
  Answer<void> followed = co_await follow(&*stream);
  Ended ended = followed ? Ended{} : failed(std::move(followed).error());
  ended.lasted = clock.steady() - began;
  ended.opened = true;
  co_return ended;
}

// Ends without an error when the server closes the stream in order.
asio::awaitable<Answer<void>> ReflectorCore::follow(Exchange* stream) {
  LineSplitter lines(options_.line_max);
  for (;;) {
    Answer<bool> more = co_await read_some(stream, &lines.inbox());
    if (!more) co_return refuse(std::move(more).error());
    const bool lists = initial_.under_way();
    Answer<void> taken = take_events(lines);
    co_await hand_on();  // what came before the trouble was true
    if (lists && !initial_.under_way()) co_await listed_all();
    if (!taken) co_return taken;
    if (initial_.overdue(client_.transport().clock().steady())) co_return without_end();
    const Result<void> compacted = lines.compact();
    if (!compacted) co_return unusable(compacted.error());
    if (!*more) break;
  }
  if (lines.partial()) co_return refuse(Trouble::kUnusable, "the stream ended within an event");
  co_return Answer<void>();
}

asio::awaitable<Answer<bool>> ReflectorCore::read_some(Exchange* stream, std::string* inbox) {
  const Clock& clock = client_.transport().clock();
  const Duration asked = clock.steady();
  const Duration patience = initial_.under_way() ? initial_.patience(asked) : options_.silence_max;
  Answer<bool> more = co_await stream->read(inbox, patience);
  if (!more && clock.steady() - asked >= patience) more.error().reason = kSilence;
  co_return more;
}

// The time that the observer takes is not the server's.
asio::awaitable<void> ReflectorCore::hand_on() {
  const Duration began = client_.transport().clock().steady();
  co_await flush();
  initial_.excuse(client_.transport().clock().steady() - began);
}

Answer<void> ReflectorCore::take_events(LineSplitter& lines) {
  const bool lists = initial_.under_way();
  std::string_view line;
  Answer<void> taken;
  int events = 0;
  while (taken && lines.next_line(line)) {
    ++events;
    Result<WatchEvent> event = read_watch_event(reader_, line, unread(), object_);
    if (event && event->type == WatchEventType::kError) {
      taken = refuse(read_watch_error(event->object));
      break;
    }
    const Result<void> seen = event ? take_event(*event) : fail(std::move(event).error());
    if (seen) continue;
    // An event was lost: only a list can tell what it was.
    resource_version_.clear();
    taken = unusable(seen.error());
  }
  if (!lists) client_.transport().metrics().watch_events(kind_, events);
  return taken;
}

Result<void> ReflectorCore::take_event(const WatchEvent& event) {
  if (event.type == WatchEventType::kBookmark) return take_bookmark(event.object);
  Result<std::string> version = event.type == WatchEventType::kDeleted ? take_deleted(event.object)
                                                                       : take_object(event.object);
  if (!version) return fail(std::move(version).error());
  if (version->empty()) return fail(Errc::kInvalid, "the object has no resourceVersion");
  if (!initial_.under_way()) {
    resource_version_ = *std::move(version);
  } else if (event.type == WatchEventType::kAdded) {
    initial_.object_came(client_.transport().clock().steady());
  }
  return {};
}

// While a list is under way, the place where it ends is the only one to resume from.
Result<void> ReflectorCore::take_bookmark(std::string_view object) {
  Result<Bookmark> bookmark = read_bookmark(reader_, object);
  if (!bookmark) return fail(std::move(bookmark).error());
  if (initial_.under_way()) {
    if (!bookmark->initial_events_end) return {};
    for (WatchTable::Vanished& gone : table_.end_list()) push_vanished(std::move(gone));
    initial_.all_came();
  }
  resource_version_ = std::move(bookmark->resource_version);
  return {};
}

Result<std::string> ReflectorCore::take_deleted(std::string_view object) {
  Result<ObjectMeta> meta = read_meta(reader_, object);
  if (!meta) return fail(std::move(meta).error());
  std::optional<std::string> mark = table_.gone(meta->key);
  if (mark) push_vanished({.key = std::move(meta->key), .mark = *std::move(mark)});
  return std::move(meta->resource_version);
}

// ---- Between two streams

asio::awaitable<void> ReflectorCore::after(Ended ended) {
  client_.transport().metrics().watch_restarted(kind_, to_string(ended.how));
  if (initial_.under_way() && prefers_pages(ended)) co_return;
  const bool worked = ended.lasted >= kStreamWorked;
  if (worked) backoff_.reset();
  if (worked || ended.how != StreamEnd::kBusy) {
    storage_waited_ = {};
    storage_backoff_.reset();
  }
  if (ended.how == StreamEnd::kExpired) resource_version_.clear();
  const bool in_order = ended.how == StreamEnd::kClosed || ended.how == StreamEnd::kSilent;
  if (in_order && worked) co_return;
  const bool storage = awaits_storage(ended);
  const Duration asked = ended.error.retry_after.value_or(std::chrono::seconds(0));
  const Duration wait = storage ? storage_backoff_.next() : backoff_.next(asked);
  if (storage) storage_waited_ += wait;
  log_.debug(
      "watch-restarts",
      {{"cause", to_string(ended.how)}, {"error", to_string(ended.error)}, {"wait_ms", wait}});
  if (!in_order && !storage) co_await become(Freshness::kStale, to_string(ended.error));
  co_await pause_for(wait);
}

bool ReflectorCore::prefers_pages(const Ended& ended) {
  if (!initial_.ended(ended.how, ended.error, ended.opened, ended.lasted)) return false;
  const std::string why = ended.how == StreamEnd::kClosed
                              ? "the stream was closed before the end of the initial events"
                              : to_string(ended.error);
  log_.info("lists-in-pages", {{"reason", why}});
  return true;
}

// For so short a time what was told is as good as it was.
bool ReflectorCore::awaits_storage(const Ended& ended) {
  return ended.how == StreamEnd::kBusy && storage_waited_ < kStorageComesUp;
}

}  // namespace annals::k8s
