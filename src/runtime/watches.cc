#include "runtime/watches.h"

#include <boost/asio/awaitable.hpp>
#include <utility>

#include "base/concat.h"
#include "k8s/watch/reflector.h"
#include "lens/cluster.h"
#include "lens/label.h"
#include "lens/object.h"
#include "lens/pod.h"
#include "runtime/owned_kinds.h"

namespace annals::runtime {

namespace asio = boost::asio;

namespace {

const std::string kClusterLabel = concat(lens::kLabelPrefix, "cluster");

}  // namespace

class Watches::Kind {
 public:
  Kind() = default;
  Kind(const Kind&) = delete;
  Kind& operator=(const Kind&) = delete;
  virtual ~Kind() = default;
  virtual asio::awaitable<void> run() = 0;
  virtual const std::string& plural() const = 0;
  bool listed = false;
  k8s::Freshness freshness_now = k8s::Freshness::kUnknown;
  Duration freshness_since{};
};

// A reflector, and what to do with its changes. What vanished carries no view, but its cluster.
template <class View>
class Watches::KindOf : public Kind, private k8s::Observer<View> {
 public:
  KindOf(Watches& all, k8s::Resource resource, typename k8s::Reflector<View>::Lens lens,
         std::string name_space, std::string selector)
      : all_(all),
        plural_(resource.plural),
        reflector_(all.client_, std::move(resource), lens, *this,
                   options(all, std::move(name_space), std::move(selector))) {}

  asio::awaitable<void> run() override { return reflector_.run(); }
  const std::string& plural() const override { return plural_; }

 protected:
  Shell& shell() { return all_.shell_; }
  virtual void seen(View view) = 0;
  virtual void vanished(const k8s::ObjectKey& key, const std::string& cluster) = 0;

 private:
  static k8s::ReflectorOptions options(const Watches& all, std::string name_space,
                                       std::string selector) {
    k8s::ReflectorOptions options;
    options.name_space = std::move(name_space);
    options.label_selector = std::move(selector);
    options.initial_events = all.options_.initial_events;
    return options;
  }

  asio::awaitable<void> observe(std::vector<k8s::Change<View>> changes) override {
    for (k8s::Change<View>& change : changes) take(change);
    co_return;
  }

  void take(k8s::Change<View>& change) {
    if (change.kind == k8s::ChangeKind::kVanished) {
      vanished(change.key, change.mark);
    } else if (change.view) {
      seen(std::move(*change.view));
    } else {
      all_.log_.warn("unreadable-object",
                     {{"object", to_string(change.key)}, {"error", change.trouble}});
    }
  }

  asio::awaitable<void> freshness(k8s::Freshness now, std::string reason) override {
    all_.log_.debug("freshness", {{"now", k8s::to_string(now)}, {"reason", reason}});
    if (freshness_now != now) freshness_since = all_.client_.transport().clock().steady();
    freshness_now = now;
    if (now == k8s::Freshness::kCurrent && !std::exchange(listed, true)) all_.became_current();
    co_return;
  }

  Watches& all_;
  std::string plural_;
  k8s::Reflector<View> reflector_;
};

class Watches::Clusters final : public KindOf<lens::ClusterView> {
 public:
  Clusters(Watches& all, std::string name_space)
      : KindOf(all, k8s::postgres_clusters(), lens::read_cluster_view, std::move(name_space), {}) {}

 private:
  void seen(lens::ClusterView view) override {
    shell().observe(ClusterUid(view.meta.key.uid), std::move(view.fact), view.created);
  }
  void vanished(const k8s::ObjectKey& key, const std::string&) override {
    shell().observe_gone(ClusterUid(key.uid));
  }
};

class Watches::Pods final : public KindOf<lens::PodView> {
 public:
  Pods(Watches& all, std::string name_space)
      : KindOf(all, k8s::pods(), lens::read_pod_view, std::move(name_space), kClusterLabel) {}

 private:
  void seen(lens::PodView view) override {
    shell().observe(view.meta.key.name_space, lens::cluster_of(view.meta), std::move(view.fact));
  }
  void vanished(const k8s::ObjectKey& key, const std::string& cluster) override {
    shell().observe(key.name_space, cluster, fsm::PodGone{.name = key.name, .uid = key.uid});
  }
};

class Watches::Owned final : public KindOf<lens::OwnedView> {
 public:
  Owned(Watches& all, OwnedKind kind, std::string name_space)
      : KindOf(all, kind.resource, lens::read_owned_view, std::move(name_space), kClusterLabel),
        kind_(std::move(kind)) {}

 private:
  void seen(lens::OwnedView view) override {
    view.fact.ref.api_version = kind_.api_version;
    view.fact.ref.kind = kind_.kind;
    // A Job of a schedule is its CronJob's, and the cluster's by that.
    const bool is_scheduled = view.fact.fields.job->schedule.has_value();
    shell().observe(view.meta.key.name_space, lens::cluster_of(view.meta), std::move(view.fact),
                    is_scheduled ? std::string() : view.meta.controller_uid);
  }
  void vanished(const k8s::ObjectKey& key, const std::string& cluster) override {
    fsm::ObjectGone gone{.ref = {.api_version = kind_.api_version,
                                 .kind = kind_.kind,
                                 .name_space = key.name_space,
                                 .name = key.name},
                         .uid = key.uid};
    shell().observe(key.name_space, cluster, std::move(gone));
  }

  OwnedKind kind_;
};

Watches::Watches(k8s::Client& client, Shell& shell, k8s::TaskScope& tasks, Log log,
                 WatchesOptions options)
    : client_(client),
      shell_(shell),
      tasks_(tasks),
      log_(std::move(log)),
      options_(std::move(options)) {
  // No namespace: all of them at once.
  if (options_.name_spaces.empty()) options_.name_spaces.emplace_back();
}

Watches::~Watches() = default;

bool Watches::all_listed() const { return clusters_ < kinds_.size() && current_ == kinds_.size(); }

std::vector<std::string> Watches::not_current() const {
  std::vector<std::string> names;
  for (const std::unique_ptr<Kind>& kind : kinds_) {
    if (kind->freshness_now == k8s::Freshness::kCurrent) continue;
    names.push_back(
        concat("watch of ", kind->plural(), " is ", k8s::to_string(kind->freshness_now)));
  }
  return names;
}

std::string Watches::stale_for(Duration at_least) const {
  const Duration now = client_.transport().clock().steady();
  for (const std::unique_ptr<Kind>& kind : kinds_) {
    const bool is_stale = kind->freshness_now == k8s::Freshness::kStale;
    if (is_stale && now - kind->freshness_since >= at_least)
      return concat("the watch of ", kind->plural(), " is stale");
  }
  return {};
}

void Watches::add(std::unique_ptr<Kind> kind) {
  tasks_.spawn(concat("watch ", kind->plural()), kind->run());
  kinds_.push_back(std::move(kind));
}

void Watches::start(ServedKinds served) {
  served_ = std::move(served);
  for (const std::string& name_space : options_.name_spaces)
    add(std::make_unique<Clusters>(*this, name_space));
  clusters_ = kinds_.size();
}

void Watches::start_owned() {
  for (const std::string& name_space : options_.name_spaces) {
    add(std::make_unique<Pods>(*this, name_space));
    for (OwnedKind& kind : owned_kinds(served_))
      add(std::make_unique<Owned>(*this, std::move(kind), name_space));
  }
}

// An object finds its cluster by name, so the clusters come first.
void Watches::became_current() {
  current_ += 1;
  if (current_ == clusters_) start_owned();
  if (!all_listed()) return;
  log_.info("all-listed", {{"watches", current_}});
  shell_.all_listed();
}

}  // namespace annals::runtime
