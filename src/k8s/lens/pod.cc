#include "k8s/lens/pod.h"

#include <algorithm>
#include <utility>

#include "k8s/lens/read_meta.ipp"

namespace annals::k8s {
namespace {

// The annotation is written by the pod itself, so what stands in it is not to be relied on: what
// cannot be read is absent.
std::optional<PatroniMember> read_member(std::string_view annotation) {
  PatroniMember member;
  JsonReader reader;
  const Result<void> read = read_object(reader, annotation, [&member](ondemand::object& root) {
    each_field(root, [&member](std::string_view key, ondemand::value value) {
      if (key == "state") member.state = text_of(value);
      if (key == "role") member.role = text_of(value);
      if (key == "version") member.version = text_of(value);
      if (key == "timeline") member.timeline = number_of(value);
      if (key == "pending_restart") member.pending_restart = flag_of(value);
    });
  });
  if (!read) return std::nullopt;
  return member;
}

void take_pod_meta(PodView& pod, std::string_view key, ondemand::value value) {
  if (key == "annotations") {
    each_field(value, [&pod](std::string_view name, ondemand::value text) {
      if (name == "status") pod.patroni = read_member(text_of(text));
    });
    return;
  }
  if (key != "labels") {
    (void)take_meta_field(key, value, pod.meta);
    return;
  }
  each_field(value, [&pod](std::string_view name, ondemand::value text) {
    if (name == "controller-revision-hash") pod.revision = text_of(text);
    take_label(name, text, pod.meta);
  });
}

ContainerView& container(std::vector<ContainerView>& list, const std::string& name) {
  const auto found = std::ranges::find(list, name, &ContainerView::name);
  if (found != list.end()) return *found;
  list.emplace_back().name = name;
  return list.back();
}

void take_container_spec(std::vector<ContainerView>& list, ondemand::value spec) {
  std::string name;
  std::string image;
  each_field(spec, [&](std::string_view key, ondemand::value value) {
    if (key == "name") name = text_of(value);
    if (key == "image") image = text_of(value);
  });
  container(list, name).image = std::move(image);
}

void take_state(ContainerView& view, ondemand::value state) {
  each_field(state, [&view](std::string_view kind, ondemand::value detail) {
    view.running = view.running || kind == "running";
    each_field(detail, [&](std::string_view key, ondemand::value value) {
      if (kind == "waiting" && key == "reason") view.waiting_reason = text_of(value);
      if (kind == "terminated" && key == "exitCode") view.exit_code = number_of(value);
    });
  });
}

void take_container_status(std::vector<ContainerView>& list, ondemand::value status) {
  ContainerView seen;
  each_field(status, [&seen](std::string_view key, ondemand::value value) {
    if (key == "name") seen.name = text_of(value);
    if (key == "imageID") seen.image_id = text_of(value);
    if (key == "ready") seen.ready = flag_of(value);
    if (key == "restartCount") seen.restarts = number_of(value);
    if (key == "state") take_state(seen, value);
  });
  ContainerView& view = container(list, seen.name);
  seen.image = std::move(view.image);
  view = std::move(seen);
}

void take_spec(PodView& pod, std::string_view key, ondemand::value value) {
  const auto into = [](std::vector<ContainerView>& list) {
    return [&list](ondemand::value spec) { take_container_spec(list, spec); };
  };
  if (key == "nodeName") pod.node = text_of(value);
  if (key == "containers") each_element(value, into(pod.containers));
  if (key == "initContainers") each_element(value, into(pod.init_containers));
}

void take_condition(PodView& pod, ondemand::value condition) {
  std::string type;
  std::string reason;
  bool yes = false;
  each_field(condition, [&](std::string_view key, ondemand::value value) {
    if (key == "type") type = text_of(value);
    if (key == "status") yes = text_of(value) == "True";
    if (key == "reason") reason = text_of(value);
  });
  if (type == "Ready") pod.ready = yes;
  if (type != "PodScheduled") return;
  pod.scheduled = yes;
  if (!yes) pod.unscheduled_reason = std::move(reason);
}

void take_status(PodView& pod, std::string_view key, ondemand::value value) {
  const auto into = [](std::vector<ContainerView>& list) {
    return [&list](ondemand::value status) { take_container_status(list, status); };
  };
  if (key == "phase") pod.phase = text_of(value);
  if (key == "reason") pod.reason = text_of(value);
  if (key == "podIP") pod.ip = text_of(value);
  if (key == "conditions") {
    each_element(value, [&pod](ondemand::value condition) { take_condition(pod, condition); });
  }
  if (key == "containerStatuses") each_element(value, into(pod.containers));
  if (key == "initContainerStatuses") each_element(value, into(pod.init_containers));
}

void take_field(PodView& pod, std::string_view key, ondemand::value value) {
  const auto part = [&pod, value](auto take) {
    each_field(value,
               [&](std::string_view name, ondemand::value inner) { take(pod, name, inner); });
  };
  if (key == "metadata") part(take_pod_meta);
  if (key == "spec") part(take_spec);
  if (key == "status") part(take_status);
}

void add_all(Fingerprint& fingerprint, const std::vector<ContainerView>& containers) {
  fingerprint.add(static_cast<std::int64_t>(containers.size()));
  for (const ContainerView& view : containers) {
    fingerprint.add(view.name).add(view.image).add(view.image_id).add(view.ready).add(view.running);
    fingerprint.add(view.restarts).add(view.waiting_reason);
    fingerprint.add(view.exit_code.has_value()).add(view.exit_code.value_or(0));
  }
}

}  // namespace

std::string_view PodView::role() const {
  const auto found = meta.labels.find("role");
  return found == meta.labels.end() ? std::string_view() : found->second;
}

void add_to(Fingerprint& fingerprint, const PodView& view) {
  add_to(fingerprint, view.meta);
  fingerprint.add(view.phase).add(view.reason).add(view.node).add(view.ip).add(view.revision);
  fingerprint.add(view.scheduled).add(view.unscheduled_reason).add(view.ready);
  add_all(fingerprint, view.containers);
  add_all(fingerprint, view.init_containers);
  fingerprint.add(view.patroni.has_value());
  if (!view.patroni) return;
  const PatroniMember& member = *view.patroni;
  fingerprint.add(member.state).add(member.role).add(member.version).add(member.timeline);
  fingerprint.add(member.pending_restart);
}

Result<PodView> read_pod(JsonReader& reader, std::string_view object) {
  return read_view<PodView>(reader, object, take_field);
}

}  // namespace annals::k8s
