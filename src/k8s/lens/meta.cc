#include "k8s/lens/meta.h"

#include <utility>

#include "k8s/lens/read_meta.ipp"

namespace annals::k8s {
namespace {

void take_owners(ondemand::value owners, std::string& controller_uid) {
  each_element(owners, [&controller_uid](ondemand::value owner) {
    std::string uid;
    bool controller = false;
    each_field(owner, [&](std::string_view key, ondemand::value value) {
      if (key == "uid") uid = text_of(value);
      if (key == "controller") controller = flag_of(value);
    });
    if (controller) controller_uid = std::move(uid);
  });
}

}  // namespace

void take_label(std::string_view key, ondemand::value value, ObjectMeta& meta,
                std::string_view prefix) {
  if (prefix.empty() || !key.starts_with(prefix)) return;
  meta.labels.insert_or_assign(std::string(key.substr(prefix.size())), text_of(value));
}

bool take_meta_field(std::string_view key, ondemand::value value, ObjectMeta& meta,
                     std::string_view label_prefix) {
  if (key == "name") {
    meta.key.name = text_of(value);
  } else if (key == "namespace") {
    meta.key.name_space = text_of(value);
  } else if (key == "uid") {
    meta.key.uid = text_of(value);
  } else if (key == "resourceVersion") {
    meta.resource_version = text_of(value);
  } else if (key == "generation") {
    meta.generation = number_of(value);
  } else if (key == "deletionTimestamp") {
    meta.deletion_timestamp = text_of(value);
  } else if (key == "labels") {
    each_field(value, [&](std::string_view name, ondemand::value text) {
      take_label(name, text, meta, label_prefix);
    });
  } else if (key == "ownerReferences") {
    take_owners(value, meta.controller_uid);
  } else {
    return false;
  }
  return true;
}

void take_meta(ondemand::value metadata, ObjectMeta& meta, std::string_view label_prefix) {
  each_field(metadata, [&](std::string_view key, ondemand::value value) {
    (void)take_meta_field(key, value, meta, label_prefix);
  });
}

void add_to(Fingerprint& fingerprint, const ObjectMeta& meta) {
  fingerprint.add(meta.key.name_space).add(meta.key.name).add(meta.key.uid);
  fingerprint.add(meta.generation)
      .add(meta.deletion_timestamp)
      .add(meta.controller_uid)
      .add(meta.labels);
}

Result<void> check(const ObjectMeta& meta) {
  if (meta.key.name.empty() || meta.key.uid.empty()) {
    return fail(Errc::kInvalid, "not an object: metadata.name or metadata.uid is missing");
  }
  return {};
}

Result<ObjectMeta> read_meta(JsonReader& reader, std::string_view object,
                             std::string_view label_prefix) {
  ObjectMeta meta;
  Result<void> read = read_object(reader, object, [&](ondemand::object& root) {
    each_field(root, [&](std::string_view key, ondemand::value value) {
      if (key == "metadata") take_meta(value, meta, label_prefix);
    });
  });
  if (read) read = check(meta);
  if (!read) return fail(std::move(read).error());
  return meta;
}

}  // namespace annals::k8s
