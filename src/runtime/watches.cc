#include "runtime/watches.h"

#include <boost/asio/awaitable.hpp>
#include <map>
#include <utility>

#include "base/concat.h"
#include "k8s/reflector.h"
#include "runtime/facts.h"
#include "runtime/owned_kinds.h"

namespace annals::runtime {

namespace asio = boost::asio;

namespace {

const std::string kClusterLabel = concat(k8s::kLabelPrefix, "cluster");

// The cluster that an object names in its label; labels are read without their prefix.
std::string cluster_of(const k8s::ObjectMeta& meta) {
  const auto label = meta.labels.find("cluster");
  return label == meta.labels.end() ? std::string() : label->second;
}

}  // namespace

class Watches::Kind {
 public:
  Kind() = default;
  Kind(const Kind&) = delete;
  Kind& operator=(const Kind&) = delete;
  virtual ~Kind() = default;
  virtual asio::awaitable<void> run() = 0;
  bool current = false;
};

// A reflector, and what to do with its changes. What vanished carries no view, so the cluster of
// each object is kept.
template <class View>
class Watches::KindOf : public Kind, private k8s::Observer<View> {
 public:
  KindOf(Watches& all, k8s::Resource resource, typename k8s::Reflector<View>::Lens lens,
         std::string selector)
      : all_(all),
        reflector_(all.client_, std::move(resource), lens, *this,
                   options(all, std::move(selector))) {}

  asio::awaitable<void> run() override { return reflector_.run(); }

 protected:
  Shell& shell() { return all_.shell_; }
  virtual void seen(View view) = 0;
  virtual void vanished(const k8s::ObjectKey& key, const std::string& cluster) = 0;

 private:
  static k8s::ReflectorOptions options(const Watches& all, std::string selector) {
    k8s::ReflectorOptions options;
    options.name_space = all.name_space_;
    options.label_selector = std::move(selector);
    return options;
  }

  asio::awaitable<void> observe(std::vector<k8s::Change<View>> changes) override {
    for (k8s::Change<View>& change : changes) take(change);
    co_return;
  }

  void take(k8s::Change<View>& change) {
    if (change.kind == k8s::ChangeKind::kVanished) {
      const auto known = clusters_.find(change.key);
      vanished(change.key, known == clusters_.end() ? std::string() : known->second);
      if (known != clusters_.end()) clusters_.erase(known);
    } else if (change.view) {
      clusters_[change.key] = cluster_of(change.view->meta);
      seen(std::move(*change.view));
    } else {
      all_.log_.warn("unreadable-object",
                     {{"object", to_string(change.key)}, {"error", change.trouble}});
    }
  }

  asio::awaitable<void> freshness(k8s::Freshness now, std::string reason) override {
    all_.log_.debug("freshness", {{"now", k8s::to_string(now)}, {"reason", reason}});
    if (now == k8s::Freshness::kCurrent && !std::exchange(current, true))
      all_.became_current(*this);
    co_return;
  }

  Watches& all_;
  std::map<k8s::ObjectKey, std::string> clusters_;
  k8s::Reflector<View> reflector_;
};

class Watches::Clusters final : public KindOf<ClusterView> {
 public:
  explicit Clusters(Watches& all) : KindOf(all, k8s::postgres_clusters(), read_cluster_view, {}) {}

 private:
  void seen(ClusterView view) override {
    shell().observe(ClusterUid(view.meta.key.uid), std::move(view.fact));
  }
  void vanished(const k8s::ObjectKey& key, const std::string&) override {
    shell().observe_gone(ClusterUid(key.uid));
  }
};

class Watches::Pods final : public KindOf<PodView> {
 public:
  explicit Pods(Watches& all) : KindOf(all, k8s::pods(), read_pod_view, kClusterLabel) {}

 private:
  void seen(PodView view) override {
    shell().observe(view.meta.key.name_space, cluster_of(view.meta), std::move(view.fact));
  }
  void vanished(const k8s::ObjectKey& key, const std::string& cluster) override {
    shell().observe(key.name_space, cluster, fsm::PodGone{.name = key.name, .uid = key.uid});
  }
};

class Watches::Owned final : public KindOf<OwnedView> {
 public:
  Owned(Watches& all, OwnedKind kind)
      : KindOf(all, kind.resource, read_owned_view, kClusterLabel), kind_(std::move(kind)) {}

 private:
  void seen(OwnedView view) override {
    view.fact.ref.api_version = kind_.api_version;
    view.fact.ref.kind = kind_.kind;
    shell().observe(view.meta.key.name_space, cluster_of(view.meta), std::move(view.fact),
                    view.meta.controller_uid);
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
                 std::string name_space)
    : client_(client),
      shell_(shell),
      tasks_(tasks),
      log_(std::move(log)),
      name_space_(std::move(name_space)) {}

Watches::~Watches() = default;

void Watches::start(ServedKinds served) {
  served_ = std::move(served);
  kinds_.push_back(std::make_unique<Clusters>(*this));
  tasks_.spawn("watch clusters", kinds_.back()->run());
}

void Watches::start_owned() {
  kinds_.push_back(std::make_unique<Pods>(*this));
  for (OwnedKind& kind : owned_kinds(served_))
    kinds_.push_back(std::make_unique<Owned>(*this, std::move(kind)));
  for (std::size_t i = 1; i < kinds_.size(); ++i) tasks_.spawn("watch", kinds_[i]->run());
}

// An object finds its cluster by name, so the clusters come first.
void Watches::became_current(const Kind& kind) {
  current_ += 1;
  if (&kind == kinds_.front().get()) start_owned();
  if (current_ == kinds_.size()) {
    log_.info("all-listed", {{"kinds", current_}});
    shell_.all_listed();
  }
}

}  // namespace annals::runtime
