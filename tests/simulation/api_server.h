// ApiServer: a Kubernetes API server in memory, as far as the operator can tell it from a real one:
// resourceVersions, UIDs, server-side apply with one owner per field, owner references, finalizers,
// and for each kind the history that lists and watches read from, also at older versions.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "fsm/model/fact.h"
#include "tests/simulation/schedule.h"

namespace annals::simulation {

using Version = std::uint64_t;

// An object's place. The API version of a kind is always the same here.
struct Key {
  std::string kind;
  std::string name_space;
  std::string name;

  friend auto operator<=>(const Key&, const Key&) = default;
};
inline Key key_of(const fsm::ObjectRef& ref) { return {ref.kind, ref.name_space, ref.name}; }
inline std::string to_string(const Key& key) {
  return key.kind + "/" + key.name_space + "/" + key.name;
}

struct Object {
  Key key;
  std::string uid;
  Version version = 0;
  bool is_labelled = false;      // has the label that watches select by
  std::string cluster;           // its value: empty for what all clusters share
  std::string controller;        // UID
  std::set<std::string> owners;  // UIDs, the controller's among them
  bool deleting = false;         // waits for its finalizers
  std::string deleted_at;        // since then
  std::set<std::string> finalizers;

  // Of what our field manager applied: a digest of it, and the few values that machines read.
  std::string content_digest;
  fsm::ObjectFields fields;
  std::map<std::string, std::string> tampered;  // fields of ours that somebody else has set
  fsm::Actor last_writer;                       // other than us

  // Of Secrets: which material this is, and who signed it (the material of the authority).
  std::string material;
  std::string signed_by;
  std::string trusts;  // digest of the authorities that stand in it as copies; empty for none

  // The kind in which Patroni keeps its state: as a configuration says, as a Role allows it, as a
  // pod has read it, and as a Service is made for it.
  std::string store;

  // Whom a cluster follows instead of having a primary (a host, or "repository"), as a
  // configuration says, as a pod has read it, and as Patroni keeps it; empty for nobody.
  std::string follows;
  // Whom its members ask before one of them becomes the primary, as Patroni keeps it.
  std::string asks_first;

  // Of Jobs.
  bool makes_backup = false;
  std::string removes_backup{};  // its label
  std::string manifest;          // of those that restore
  std::string repo;              // of those that write to a repository

  // Of workloads.
  std::string instance;
  int replicas = 0;
  std::string revision;  // of the template

  // Of pods.
  fsm::PodObserved pod;

  // Of custom resources.
  std::string resource;
  std::int64_t generation = 0;
  std::string status;

  // What a lens would say of the fields that are ours.
  std::string owned_digest() const;
};

using Snapshot = std::shared_ptr<const Object>;

struct Change {
  Version version = 0;
  bool deleted = false;
  Snapshot object;  // as it is after the change, or was before its deletion
};

// Why a request was not granted.
struct Refusal {
  int status = 0;
  std::string message;
};

class ApiServer {
 public:
  explicit ApiServer(Schedule& schedule) : schedule_(schedule) {}
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;

  Snapshot find(const Key& key) const;
  const std::map<Key, Snapshot>& objects() const { return objects_; }
  // Whether some object has this UID.
  bool exists(const std::string& uid) const { return alive_.contains(uid); }

  // Makes the object, with a new UID unless it has one.
  Snapshot create(Object object);
  // A write of an existing object. Nothing happens when it changes nothing.
  Snapshot update(const Key& key, const std::function<void(Object&)>& change);
  // Deletes it, or marks it while it has finalizers. Dependents follow when the collector comes by.
  void remove(const Key& key);

  Version version() const { return version_; }
  const std::vector<Change>& history(const std::string& kind) const;
  // Everything of a kind as it was at that version.
  std::vector<Snapshot> list(const std::string& kind, Version at) const;
  // Watches can no longer begin before this.
  Version compacted() const { return compacted_; }
  void compact() { compacted_ = version_; }

  // Called after each change.
  void on_change(std::function<void(const Change&)> listener) {
    listeners_.push_back(std::move(listener));
  }

 private:
  void commit(Object object, bool deleted);
  void erase(const Key& key);
  void collect();

  Schedule& schedule_;
  std::map<Key, Snapshot> objects_;
  std::set<std::string> alive_;
  std::map<std::string, std::vector<Change>> history_;
  std::vector<std::function<void(const Change&)>> listeners_;
  Version version_ = 0;
  Version compacted_ = 0;
  std::uint64_t next_uid_ = 1;
  bool collecting_ = false;
};

// The claim of an instance's data: its own, or one that was there before and stands for it. Null
// for none.
Snapshot data_claim_of(const ApiServer& server, const std::string& name_space,
                       const std::string& instance);

}  // namespace annals::simulation
